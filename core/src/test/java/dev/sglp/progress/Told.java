package dev.sglp.progress;

import java.util.ArrayList;
import java.util.List;

/// What the user was told.
public record Told(List<String> lines, List<String> steps) implements Progress, Progress.Step {
    public Told() {
        this(new ArrayList<>(), new ArrayList<>());
    }

    @Override
    public Step step(String task, long total, String unit) {
        steps.add("%s: %d %s".formatted(task, total, unit));
        return this;
    }

    @Override
    public void say(String line) {
        lines.add(line);
    }

    @Override
    public void advance(long units) {}

    @Override
    public void note(String what) {}

    @Override
    public void close() {}
}
