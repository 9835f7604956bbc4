package dev.sglp.progress;

/// Tells people what long work does. One {@link Step} a step; a step is closed when the work is done.
public interface Progress {
    /// Begins a step.
    ///
    /// @param task  what is done, as people say it: `CKA of 27 layers`
    /// @param total how many units it has
    /// @param unit  what one unit is, for instance `images`
    Step step(String task, long total, String unit);

    /// A line for the user that is not an error: a choice made for them, a warning.
    void say(String line);

    /// One step under way. Several threads may tell it of their work.
    interface Step extends AutoCloseable {
        /// `units` more are done.
        void advance(long units);

        /// What is under way just now, for instance `segment 2 of 3`.
        void note(String what);

        /// A line for the user, where there is somebody to tell.
        default void say(String line) {}

        @Override
        void close();
    }

    /// Says nothing.
    static Progress silent() {
        return Silent.INSTANCE;
    }

    /// Tells another's lines, and none of its steps: those of a part of a step.
    static Progress lines(Progress other) {
        return new Progress() {
            @Override
            public Step step(String task, long total, String unit) {
                return Silent.INSTANCE;
            }

            @Override
            public void say(String line) {
                other.say(line);
            }
        };
    }

    /// The progress of one who does not look.
    enum Silent implements Progress, Step {
        INSTANCE;

        @Override
        public Step step(String task, long total, String unit) {
            return this;
        }

        @Override
        public void say(String line) {}

        @Override
        public void advance(long units) {}

        @Override
        public void note(String what) {}

        @Override
        public void close() {}
    }
}
