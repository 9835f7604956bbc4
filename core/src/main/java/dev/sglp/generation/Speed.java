package dev.sglp.generation;

/// How fast prompts were read and tokens written.
///
/// @param read    tokens of prompts
/// @param written tokens that were chosen behind a pass of one token a text
/// @param reading nanoseconds
/// @param writing nanoseconds
public record Speed(long read, long written, long reading, long writing) {
    static final Speed NONE = new Speed(0, 0, 0, 0);

    Speed read(long tokens, long nanos) {
        return new Speed(read + tokens, written, reading + nanos, writing);
    }

    Speed written(long tokens, long nanos) {
        return new Speed(read, written + tokens, reading, writing + nanos);
    }

    /// Tokens of prompts a second; 0 where there were none.
    public double readPerSecond() {
        return reading == 0 ? 0 : read * 1e9 / reading;
    }

    /// Tokens written a second; 0 where there were none.
    public double writtenPerSecond() {
        return writing == 0 ? 0 : written * 1e9 / writing;
    }
}
