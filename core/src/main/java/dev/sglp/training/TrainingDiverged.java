package dev.sglp.training;

/// The loss or a weight is no number any more: the settings are to blame, and what was trained is worth nothing.
public final class TrainingDiverged extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TrainingDiverged(String message) {
        super(message);
    }
}
