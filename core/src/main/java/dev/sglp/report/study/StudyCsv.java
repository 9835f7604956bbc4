package dev.sglp.report.study;

import dev.sglp.report.study.Group.Spread;
import dev.sglp.report.study.StudyRow.Measured;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A study as a table for other programs: one line a measured network, fractions of 1, milliseconds, seconds, nats.
public final class StudyCsv {
    /// The columns, in their order; new ones come last.
    private static final List<String> IMAGES = List.of("study", "row", "title", "layers_removed", "seed",
            "calibration_images",
            "heal", "accuracy", "top5", "loss", "kl_to_dense", "agreement_with_dense", "report_images", "parameters",
            "macs", "latency_ms_128", "dense_latency_ms_128", "healing_seconds", "choosing_seconds",
            "candidates_scored", "candidates_possible", "search", "segments", "rule", "boundaries", "removed",
            "resamples", "adjusted_rand", "border_distance", "calibration_tokens", "dtype", "forward_equivalents",
            "verification_forward_equivalents", "plan_overlap", "times_as_fast", "times_as_fast_low",
            "times_as_fast_high", "difference_measured");

    /// Of text what stands in the same places.
    private static final Map<String, String> TEXT = Map.of("calibration_images", "calibration_windows", "accuracy",
            "perplexity", "top5", "next_token_accuracy", "report_images", "report_tokens", "latency_ms_128",
            "prefill_ms", "dense_latency_ms_128", "dense_prefill_ms");

    private StudyCsv() {}

    /// Of embeddings, whether of text or of images.
    private static final Map<String, String> EMBEDDINGS = Map.of("accuracy", "agreement", "top5", "least_agreement",
            "report_tokens", "report_windows", "prefill_ms", "pass_ms", "dense_prefill_ms", "dense_pass_ms",
            "perplexity", "agreement", "next_token_accuracy", "least_agreement");
    private static final List<String> INTERVAL = List.of("agreement_low", "agreement_high");

    static List<String> columns(Quality quality) {
        var all = IMAGES.stream().map(c -> quality.text() ? TEXT.getOrDefault(c, c) : c);
        return quality.embeddings()
                ? Stream.concat(all.map(c -> EMBEDDINGS.getOrDefault(c, c)), INTERVAL.stream()).toList()
                : all.toList();
    }

    /// The head and one line for each row and healing; a row that was not yet measured has one line.
    public static String of(StudyRecord record) {
        var lines = new ArrayList<List<?>>();
        lines.add(Stream.concat(columns(record.quality()).stream(),
                record.also().stream().flatMap(StudyCsv::heads)).toList());
        var groups = Group.of(record);
        if (record.dense() != null) {
            lines.add(line(record, groups, null,
                    new Measured("none", record.dense(), record.dense().latency(), 0, record.also())));
        }
        for (var row : record.rows()) {
            row.measured().forEach(m -> lines.add(line(record, groups, row, m)));
            if (row.measured().isEmpty()) {
                lines.add(line(record, groups, row, null));
            }
        }
        return lines.stream().map(StudyCsv::text).collect(Collectors.joining());
    }

    private static String text(List<?> cells) {
        return cells.stream().map(c -> quoted(Objects.toString(c, ""))).collect(Collectors.joining(",")) + "\n";
    }

    private static String quoted(String cell) {
        return cell.matches("[^\",\r\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }

    private static List<?> line(StudyRecord record, List<Group> groups, @Nullable StudyRow row, @Nullable Measured m) {
        var cells = new ArrayList<@Nullable Object>();
        cells.add(record.study());
        cells.addAll(row == null
                ? List.of("dense", "nothing removed", 0, "", "")
                : List.of(row.label().id(), row.label().title(), row.remove(), row.seed(), row.calibration()));
        if (m == null) {
            cells.addAll(java.util.Collections.nCopies(12, ""));
        } else {
            quality(cells, record.quality(), m);
        }
        if (row == null) {
            cells.addAll(java.util.Collections.nCopies(16, ""));
        } else {
            choice(cells, row);
            cost(cells, row);
            cells.add(overlap(groups, row));
        }
        speed(cells, record.quality(), m);
        if (record.quality().embeddings()) {
            var found = m == null ? null : m.evaluation().agreement();
            cells.add(found == null ? null : finite(found.low()));
            cells.add(found == null ? null : finite(found.high()));
        }
        IntStream.range(0, record.also().size()).forEach(i -> cells.addAll(further(record.also().get(i),
                m == null || i >= m.also().size() ? null : m.also().get(i))));
        return cells;
    }

    private static void quality(List<@Nullable Object> cells, Quality quality, Measured m) {
        var e = m.evaluation();
        cells.addAll(List.of(m.heal(), quality.of(e), quality.second(e), e.loss()));
        cells.add(e.fidelity() == null ? null : e.fidelity().klDivergence());
        cells.add(e.fidelity() == null ? null : e.fidelity().top1Agreement());
        cells.addAll(List.of(e.examples(), e.parameters(), e.macs()));
        cells.add(e.latency() == null ? null : quality.timing(e.latency()).median());
        cells.add(m.dense() == null ? null : quality.timing(m.dense()).median());
        cells.add(m.seconds());
    }

    /// Nothing where it was not timed in turn with the dense network.
    private static void speed(List<@Nullable Object> cells, Quality quality, @Nullable Measured m) {
        var latency = m == null ? null : m.evaluation().latency();
        var ratio = latency == null ? null : quality.timing(latency).againstDense();
        cells.add(ratio == null ? null : finite(ratio.timesAsFast()));
        cells.add(ratio == null ? null : finite(ratio.low()));
        cells.add(ratio == null ? null : finite(ratio.high()));
        cells.add(ratio == null ? null : ratio.differenceMeasured());
    }

    private static Stream<String> heads(Also also) {
        return (also.task() == null
                ? Stream.of("perplexity", "kl_to_dense")
                : Stream.of("acc", "acc_norm", "acc_stderr"))
                .map(name -> "%s %s".formatted(also.data(), name));
    }

    /// @param first says what there is
    private static List<@Nullable Object> further(Also first, @Nullable Also found) {
        if (first.task() == null) {
            return Arrays.asList(found == null ? null : found.perplexity(), found == null ? null : found.kl());
        }
        var task = found == null ? null : found.task();
        return Arrays.asList(task == null ? null : task.acc(), task == null ? null : task.accNorm(),
                task == null ? null : task.stderr());
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static void choice(List<@Nullable Object> cells, StudyRow row) {
        var chosen = row.chosen();
        var cut = chosen.segmentation();
        cells.addAll(List.of(chosen.seconds(), chosen.candidates().scored(), chosen.candidates().possible(),
                chosen.candidates().search(), cut.size(), cut.rule(), words(cut.boundaries()),
                chosen.removed().toString()));
        var s = cut.stability();
        cells.add(s == null ? null : s.resamples().size());
        cells.add(s == null ? null : s.rand());
        cells.add(s == null ? null : s.distance());
    }

    private static void cost(List<@Nullable Object> cells, StudyRow row) {
        var work = row.chosen().candidates().forwardEquivalents();
        cells.add(row.tokens());
        cells.add(row.chosen().dtype());
        cells.add(work == null ? null : work.choosing());
        cells.add(work == null ? null : work.verification());
    }

    /// Of the rows that differ in their seed alone.
    private static @Nullable Double overlap(List<Group> groups, StudyRow row) {
        return groups.stream().filter(g -> g.rows().contains(row)).findFirst().flatMap(Group::overlap)
                .map(Spread::mean).orElse(null);
    }

    private static String words(List<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
