package dev.sglp.cli.tuning;

import java.util.concurrent.TimeUnit;

/// Ctrl-C and SIGTERM as something a loop can ask for. Where nobody listens, the process ends at once, as ever; where
/// somebody does, it waits until that one has kept its work and the command line has said so.
///
/// The JVM ends a process that was interrupted when its shutdown hooks have ended, with exit code 130 (SIGTERM: 143).
public final class Interruption {
    private static final Interruption OF_PROCESS = new Interruption();
    private static final long PATIENCE_SECONDS = 60; // what was kept before serves too

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

    private synchronized void hold() {
        requested = true;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!finished && (heard || listeners > 0) && System.nanoTime() < end) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
            } catch (InterruptedException _) {
                return;
            }
        }
    }
}
