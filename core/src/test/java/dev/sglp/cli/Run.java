package dev.sglp.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;

/// What a command printed and how it ended, run in this process.
public record Run(int code, String out, String err) {
    /// @param words what a user types, without `sglp`
    public static Run of(Object... words) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true),
                Stream.of(words).map(Object::toString).toArray(String[]::new));
        return new Run(code, out.toString(), err.toString());
    }
}
