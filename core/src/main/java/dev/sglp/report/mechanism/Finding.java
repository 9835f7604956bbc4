package dev.sglp.report.mechanism;

/// What was asked of a run, and what its numbers answer.
public record Finding(String question, String answer) {
    /// Both, in one line.
    public String line() {
        return question + " " + answer;
    }
}
