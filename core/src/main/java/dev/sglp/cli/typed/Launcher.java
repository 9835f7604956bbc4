package dev.sglp.cli.typed;

import java.nio.file.Path;

/// How this program was started, for lines that start it again.
final class Launcher {
    private static final String MAIN = "dev.sglp.cli.Main";

    private Launcher() {}

    /// What stands before the arguments, for a shell in {@link #directory}: the launcher's path as it was typed, without the
    /// launcher Java's own command, and a mere name where another program called this one.
    static String words() {
        var typed = System.getProperty("sglp.launcher", ""); // the launcher knows what it was called by
        if (!typed.isEmpty()) {
            return Arguments.quoted(typed);
        }
        return System.getProperty("sun.java.command", "").matches(MAIN + "( .*)?")
                ? Arguments.quoted(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                        System.getProperty("java.class.path"), MAIN)
                : "sglp";
    }

    /// Where relative paths begin.
    static String directory() {
        return Path.of("").toAbsolutePath().toString();
    }
}
