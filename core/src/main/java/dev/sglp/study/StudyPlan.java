package dev.sglp.study;

import dev.sglp.data.Dataset;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/// What a study does.
///
/// @param name       `methods`, `segments`, `ablation` or `calibration`
/// @param jobs       its rows, in the order they are shown
/// @param treatments what every chosen network goes through, the first without training
/// @param training   which rows are trained
/// @param similarity how similarity is compared over calibration sizes; none in other studies
public record StudyPlan(String name, List<Job> jobs, List<Treatment> treatments, Trained training,
        Sizes similarity) {
    public StudyPlan {
        jobs = List.copyOf(jobs);
        treatments = List.copyOf(treatments);
    }

    /// One row.
    ///
    /// @param data the calibration data
    public record Job(Variant variant, int remove, Dataset data) {}

    /// Training takes long: only some rows get it.
    ///
    /// @param rows  their ids
    /// @param first up to how many seeds of a row
    public record Trained(Set<String> rows, int first) {
        public Trained {
            rows = Set.copyOf(rows);
        }
    }

    /// @param draws of calibration data
    /// @param sizes numbers of images or tokens, ascending, at most as many as a draw has
    public record Sizes(List<Draw> draws, List<Integer> sizes) {
        public Sizes {
            draws = List.copyOf(draws);
            sizes = List.copyOf(sizes);
        }

        /// Nothing is compared.
        public static Sizes none() {
            return new Sizes(List.of(), List.of());
        }
    }

    /// @param items in the drawn order: every beginning is a draw of its own
    /// @param first the beginning of so many images or tokens; the same object each time it is asked for
    public record Draw(long seed, Dataset items, IntFunction<? extends Dataset> first) {}

    /// Whether this row is trained: its id is named, and it is among the first of its seeds.
    boolean trains(Job job) {
        return training.rows.contains(job.variant().label().id()) && jobs.stream()
                .filter(j -> j.remove == job.remove && j.variant.label().id().equals(job.variant.label().id()))
                .limit(training.first).anyMatch(job::equals);
    }
}
