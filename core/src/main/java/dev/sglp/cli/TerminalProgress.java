package dev.sglp.cli;

import dev.sglp.cli.terminal.Terminal;
import dev.sglp.progress.Pace;
import dev.sglp.progress.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// Bars with time left where somebody watches a terminal; elsewhere a line when a step is done, what it will take as soon as its
/// first units tell, and one a minute until then.
final class TerminalProgress implements Progress {
    private final PrintWriter err;
    private final boolean terminal = Terminal.isWatched();
    private volatile @Nullable ConsoleProgressBarConsumer drawn; // the last bar, while it is there

    TerminalProgress(PrintWriter err) {
        this.err = err;
    }

    @Override
    public Step step(String task, long total, String unit) {
        return terminal ? new Bar(task, total, unit) : new Line(task, total, unit);
    }

    @Override
    public void say(String line) {
        var bar = drawn;
        if (bar != null) {
            bar.clear(); // it is drawn again below
        }
        err.println(line);
    }

    private final class Line implements Step {
        private final String task;
        private final long start = System.nanoTime();
        private final Pace pace;

        Line(String task, long total, String unit) {
            this.task = task;
            pace = new Pace(total, unit, start);
        }

        @Override
        public synchronized void advance(long units) {
            pace.advance(units, System.nanoTime()).ifPresent(told -> err.println("  %s: %s".formatted(task, told)));
        }

        @Override
        public void note(String what) {}

        @Override
        public void say(String line) {
            TerminalProgress.this.say(line);
        }

        @Override
        public void close() {
            err.println("  %s: %s".formatted(task, elapsed(start)));
        }
    }

    private final class Bar implements Step {
        private final ProgressBar bar;
        private final @Nullable ConsoleProgressBarConsumer around; // the bar below which it is drawn
        private final String task;
        private final long start = System.nanoTime();

        Bar(String task, long total, String unit) {
            this.task = task;
            var consumer = consumer();
            around = drawn;
            drawn = consumer;
            bar = new ProgressBarBuilder().setTaskName("  " + task).setInitialMax(total).setUnit(" " + unit, 1)
                    .setStyle(ProgressBarStyle.UNICODE_BLOCK).setUpdateIntervalMillis(200)
                    .setConsumer(consumer).clearDisplayOnFinish().showSpeed().build();
        }

        /// As wide as the window is each time, unless the user says how wide.
        private static ConsoleProgressBarConsumer consumer() {
            var asked = Terminal.asked();
            return asked.isPresent()
                    ? new ConsoleProgressBarConsumer(System.err, asked.getAsInt())
                    : new ConsoleProgressBarConsumer(System.err);
        }

        @Override
        public void advance(long units) {
            bar.stepBy(units);
        }

        @Override
        public void note(String what) {
            bar.setExtraMessage(" " + what);
        }

        @Override
        public void say(String line) {
            TerminalProgress.this.say(line);
        }

        @Override
        public void close() {
            bar.close();
            drawn = around;
            err.println("  %s: %s".formatted(task, elapsed(start)));
        }
    }

    private static String elapsed(long start) {
        return words(System.nanoTime() - start);
    }

    private static String words(long nanos) {
        var time = Duration.ofNanos(nanos);
        return time.toMinutes() > 0
                ? "%d min %02d s".formatted(time.toMinutes(), time.toSecondsPart())
                : String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3);
    }
}
