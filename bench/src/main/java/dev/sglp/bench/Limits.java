package dev.sglp.bench;

/// What the machine can do.
record Limits(int rounds, int threads) {
    record Result() {}

    Result run() {
        return new Result();
    }
}
