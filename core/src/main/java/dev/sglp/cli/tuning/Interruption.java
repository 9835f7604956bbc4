package dev.sglp.cli.tuning;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Ctrl-C and SIGTERM as something a loop can ask for. Where somebody listens, the process waits until that one has kept its work and the
/// command line has said so; where nobody does, it ends at once, with the last words of whoever has some.
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
    private @Nullable Supplier<String> lastWords;

    private Interruption() {}

    /// The one of this process.
    public static Interruption ofProcess() {
        return OF_PROCESS;
    }

    /// Makes signals known from now on.
    ///
    /// @param err where last words go
    public void watch(PrintWriter err) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> hold(err), "interruption"));
    }

    /// Work that cannot stop itself, until it is closed.
    public interface Work extends AutoCloseable {
        @Override
        void close();
    }

    /// @param words keeps what can be kept and says what became of the work; asked on another thread
    public synchronized Work leaving(Supplier<String> words) {
        lastWords = words;
        return () -> {
            synchronized (this) {
                lastWords = null;
            }
        };
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

    private void hold(PrintWriter err) {
        if (!over()) {
            words().ifPresent(words -> err.println("%nsglp: %s".formatted(words))); // a bar may stand in this line
            leaveAtOnce();
        }
    }

    private Optional<String> words() {
        Supplier<String> last;
        synchronized (this) {
            last = lastWords;
        }
        try {
            return Optional.ofNullable(last).map(Supplier::get);
        } catch (UncheckedIOException e) {
            return Optional.of("stopped; what was known could not be kept: " + e.getMessage());
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
