package dev.sglp.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// The whole method on what the project brings along.
@Command(name = "demo", description = "The whole method on a network and images that the project made itself: nothing else is needed.")
final class DemoCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @SuppressWarnings("NullAway") // picocli fills the fields
    DemoCommand() {}

    @Override
    public Integer call() throws IOException {
        throw new IOException("not yet");
    }
}
