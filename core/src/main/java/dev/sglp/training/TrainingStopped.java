package dev.sglp.training;

/// A training that was asked to stop did so, and can go on from what its journal keeps. Not an error.
public final class TrainingStopped extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TrainingStopped(String message) {
        super(message);
    }
}
