package dev.sglp.report;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Machine;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.training.TrainingRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A record such as a ResNet-56 run gives: 27 blocks, three segments, six blocks removed. Its numbers are made up.
final class SampleRecord {
    static final Segmentation SEGMENTS = new Segmentation(List.of(0, 6, 24, 27),
            List.of(6.1, 2.4, 0.95, 0.71, 0.56, 0.47, 0.40, 0.35), "given");
    static final LayerSet REMOVED = LayerSet.of(3, 12, 13, 16, 22, 26);

    static final Machine MACHINE = new Machine("AMD EPYC 7B13", 4, 2, 16_800_000_000L, "Linux 6.1.0 amd64", "25.0.1",
            "2.10.0", "2026-03-01T09:30:00Z", "/home/ada/networks");

    private SampleRecord() {}

    /// Everything a `prune` with healing finds.
    static RunRecord full() {
        var before = evaluation(8320, 0.5214, 853_018, 125_485_696, null);
        var removal = evaluation(7894, 0.6532, 655_578, 97_174_144, new Evaluation.Fidelity(0.1931, 0.8812));
        var after = evaluation(8190, 0.5561, 655_578, 97_174_144, new Evaluation.Fidelity(0.0874, 0.9323));
        return record("models/resnet56-cifar10.pth", plan(), singles(), before, removal, after);
    }

    /// What `analyze` finds without a target: no plan, nothing removed, no scores.
    static RunRecord analysis() {
        return record("models/resnet56-cifar10.pth", null, List.of(), null, null, null);
    }

    static RunRecord record(String path, @Nullable PruningPlan plan, List<RunRecord.Single> singles,
            @Nullable Evaluation before, @Nullable Evaluation removal, @Nullable Evaluation after) {
        var seconds = new LinkedHashMap<String, Double>();
        seconds.put("load", 0.42);
        seconds.put("evaluate before", 9.8);
        seconds.put("similarity", 14.1);
        seconds.put("segmentation", 0.003);
        if (plan != null) {
            seconds.put("importance", 71.6);
            seconds.put("verification", 12.7);
            seconds.put("heal", 6.2);
            seconds.put("evaluate after", 8.1);
            seconds.put("write and prove", 1.1);
        }
        boolean pruned = plan != null;
        return new RunRecord(
                "sglp prune "
                        + path + " --data cifar10:data/cifar-10.tar.gz --remove 6 -k 3 --finetune 8 --seed 7 --out run",
                "0.1.0",
                new RunRecord.Model(path, "resnet-cifar", "ResNet-56, 9-9-9 basic blocks, 10 classes", 27, 853_018,
                        125_485_696, "an example", 3_441_000),
                new RunRecord.Data("CIFAR-10 train, 512 images (evenly drawn, seed 7)",
                        "CIFAR-10 train, 2,048 other images", "CIFAR-10 test, all 10,000 images"),
                layers(pruned), similarity(27), SEGMENTS, plan, "gradnorm", singles, singles.isEmpty()
                        ? List.of()
                        : List.of(new RunRecord.Agreement(0, 6, 0.94), new RunRecord.Agreement(1, 16, 0.46),
                                new RunRecord.Agreement(2, 3, -0.5)),
                before, removal, after, pruned
                        ? "full"
                        : null,
                pruned ? training() : null,
                seconds, 1_412_000_000L, MACHINE,
                List.of("k = 3 segments were asked for; the elbow of the curve is at 3 too.",
                        "Quota 1-4-1 in proportion to the removable layers of each segment.",
                        "Segment 2 has 1,820 possible sets; a beam of width 16 scored 96 of them."),
                pruned
                        ? new RunRecord.Output("run", "run/model.pth",
                                new RunRecord.Stored(2_651_000, 3_441_000, Map.of("float32", 127), List.of(), null),
                                "import torch\nfrom resnet import resnet56\n\nmodel = resnet56(skip=[3, 12, 13, 16, 22, 26])\nmodel.load_state_dict(torch.load(\"run/model.pth\"))",
                                3.8e-6)
                        : null);
    }

    /// Eight epochs, the seventh the best.
    static TrainingRecord training() {
        return new TrainingRecord(IntStream.rangeClosed(1, 8).mapToObj(e -> new TrainingRecord.Epoch(e,
                0.01 * (1 - e / 9.0), 0.9 * Math.exp(-e / 3.0) + 0.31,
                0.6 * Math.exp(-e / 2.0) + 0.55 + (e == 8 ? .02 : 0),
                0.82 - 0.05 * Math.exp(-e / 3.0) - (e == 8 ? 0.004 : 0), 94.2)).toList());
    }

    static RunRecord.Similarity similarity(int n) {
        var rows = IntStream.range(0, n)
                .mapToObj(i -> IntStream.range(0, n).mapToObj(j -> cka(i * 27.0 / n, j * 27.0 / n)).toList()).toList();
        return new RunRecord.Similarity(rows, "linear", "biased", 512);
    }

    /// Smooth along the depth, with a step where the width of the network changes.
    private static double cka(double i, double j) {
        double x = position(i) - position(j);
        return 0.32 + 0.68 * Math.exp(-x * x / 90);
    }

    private static double position(double layer) {
        return layer * 0.55 + 5.5 / (1 + Math.exp(-(layer - 5.5) * 2)) + 6 / (1 + Math.exp(-(layer - 23.5) * 2));
    }

    private static List<RunRecord.LayerRow> layers(boolean pruned) {
        return IntStream.range(0, 27).mapToObj(i -> {
            int stage = i / 9;
            boolean fixed = i == 9 || i == 18;
            long width = 16L << stage;
            long parameters = 2 * (9 * width * width + 2 * width);
            return new RunRecord.LayerRow(i, "layer%d.%d".formatted(stage + 1, i % 9), !fixed,
                    fixed ? "halves the resolution and doubles the channels" : null, parameters, 4_718_592,
                    List.of(width, 32L >> stage, 32L >> stage), pruned && REMOVED.contains(i));
        }).toList();
    }

    private static List<RunRecord.Single> singles() {
        var random = new Random(3);
        return IntStream.range(0, 27).filter(i -> i != 9 && i != 18).mapToObj(i -> {
            double loss = 0.02 + 0.9 * Math.exp(-i / 3.0) + (i % 9 == 0 ? 0.2 : 0) + 0.08 * random.nextDouble();
            return new RunRecord.Single(i, i < 6 ? 0 : i < 24 ? 1 : 2, 2.1 + 1.7 * loss + 0.25 * random.nextDouble(),
                    0.05, loss);
        }).toList();
    }

    static PruningPlan plan() {
        var choices = List.of(choice(0, LayerSet.of(3), IntStream.range(0, 6).mapToObj(LayerSet::of).toList()),
                choice(1, LayerSet.of(12, 13, 16, 22), fours()),
                choice(2, LayerSet.of(26), IntStream.range(24, 27).mapToObj(LayerSet::of).toList()));
        var verified = List.of(new PruningPlan.Verified(REMOVED, 7.642, 0.6571),
                new PruningPlan.Verified(LayerSet.of(3, 11, 12, 16, 22, 26), 7.611, 0.6702),
                new PruningPlan.Verified(LayerSet.of(3, 12, 13, 15, 22, 26), 7.699, 0.6788),
                new PruningPlan.Verified(LayerSet.of(4, 12, 13, 16, 22, 26), 7.803, 0.7015));
        return new PruningPlan(REMOVED,
                REMOVED.indices().stream().map(i -> "layer%d.%d".formatted(i / 9 + 1, i % 9)).toList(), "sglp",
                "gradnorm", 27, SEGMENTS, List.of(1, 4, 1), new PruningPlan.Candidates(105, 1829, "beam(16)",
                        new PruningPlan.ForwardEquivalents(1, 61.3, 8)),
                choices,
                verified,
                new PruningPlan.Provenance("models/resnet56-cifar10.pth",
                        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                        "CIFAR-10 train, 512 images (sha256 3a7bd3e2360a3d29)", 7, "0.1.0", null));
    }

    private static PruningPlan.SegmentChoice choice(int segment, LayerSet best, List<LayerSet> sets) {
        var random = new Random(segment);
        var scores = new ArrayList<PruningPlan.Scored>();
        for (var set : sets) {
            double score = set.equals(best)
                    ? 2.31 + segment * 0.2
                    : 2.4 + segment * 0.2 + 1.6 * random.nextDouble() * random.nextDouble();
            scores.add(new PruningPlan.Scored(set, score, segment == 1 ? 0.03 + 0.05 * random.nextDouble() : 0));
        }
        scores.sort(Comparator.comparingDouble(PruningPlan.Scored::score));
        return new PruningPlan.SegmentChoice(segment, best.size(), scores);
    }

    private static List<LayerSet> fours() {
        var random = new Random(11);
        var sets = new java.util.LinkedHashSet<LayerSet>();
        sets.add(LayerSet.of(12, 13, 16, 22));
        while (sets.size() < 96) {
            var set = new LayerSet(IntStream.generate(() -> 6 + random.nextInt(18)).filter(i -> i != 9 && i != 18)
                    .distinct().limit(4).boxed().toList());
            sets.add(set);
        }
        return List.copyOf(sets);
    }

    private static Evaluation evaluation(int right, double loss, long parameters, long macs,
            Evaluation.@Nullable Fidelity fidelity) {
        double share = parameters / 853_018.0;
        var latency = share == 1
                ? new Evaluation.Latency(timing(6.82, null), timing(214.3, null))
                : new Evaluation.Latency(
                        timing(6.82 * share, new Evaluation.Ratio(Double.NaN, 0.98, 1.31, 0.96, 50, false)),
                        timing(214.3 * share, new Evaluation.Ratio(1.31, 1.28, 1.33, 0.96, 50, true)));
        return new Evaluation(10_000, right, right / 10_000.0, 0.9931, loss, null, fidelity, parameters, macs,
                parameters * 4 + 29_000, null, latency, 1_300_000_000L);
    }

    private static Evaluation.Timing timing(double ms, Evaluation.@Nullable Ratio againstDense) {
        return new Evaluation.Timing(ms, ms * 0.96, ms * 1.09, 50, againstDense);
    }
}
