package dev.sglp.cli.tuning;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/// Ctrl-C and SIGTERM as something a loop can ask for. Where nobody listens, the process ends at once, as ever; where
/// somebody does, it waits until that one has kept its work and the command line has said so.
///
/// Exit code 130. Where work is still under way in libtorch, the process leaves without running C++'s destructors: they would
/// pull libtorch's memory from under its feet, and the process would crash instead.
public final class Interruption {
    private static final Interruption OF_PROCESS = new Interruption();
    private static final long PATIENCE_SECONDS = 60; // what was kept before serves too

    private static final int EXIT_CODE = 130;

    private boolean requested;
    private boolean heard;
    private boolean finished;
    private int listeners;

    private Interruption() {}

    /// The one of this process.
    public static Interruption ofProcess() {
        return OF_PROCESS;
    }

    /// Makes signals known from now on.
    public void watch() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::hold, "interruption"));
    }

    /// The command is over and has said all it had to say.
    public synchronized void finish() {
        finished = true;
        notifyAll();
    }

    synchronized void listen() {
        listeners++;
    }

    synchronized void leave() {
        listeners--;
        notifyAll();
    }

    /// Whether an end is wished; whoever hears that ends soon.
    synchronized boolean requested() {
        heard |= requested;
        return requested;
    }

    private void hold() {
        if (!over()) {
            leaveAtOnce();
        }
    }

    /// Waits while somebody listens who will end soon.
    ///
    /// @return whether the command is over
    private synchronized boolean over() {
        requested = true;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!finished && (heard || listeners > 0) && System.nanoTime() < end) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
            } catch (InterruptedException _) {
                break;
            }
        }
        return finished;
    }

    /// C's `_exit`.
    @SuppressWarnings("restricted") // the launcher allows native access: all of libtorch needs it
    private static void leaveAtOnce() {
        var linker = Linker.nativeLinker();
        var exit = linker.defaultLookup().find("_exit")
                .map(at -> linker.downcallHandle(at, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)));
        if (exit.isPresent()) {
            try {
                exit.get().invokeExact(EXIT_CODE);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
