package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.evaluation.Memory;
import dev.sglp.evaluation.Predictions;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.Kl;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Refit;
import dev.sglp.repair.RepairTask;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.similarity.Cka;
import dev.sglp.tensor.NativeHeap;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Every step of the method on a network of torchvision's and large images, beside PyTorch.
///
/// @param folder  where `tools/make_fresh_images.py` wrote it
/// @param network torchvision's word for it
/// @param parts   which steps
/// @param count   of what
record ImagesBench(Settings settings, Path folder, String network, List<Part> parts, Count count) {
    private static final int RESIZE = 256;
    private static final int CROP = 224;
    private static final long SEED = 0;

    /// A step of the method.
    enum Part {
        EVALUATE, SIMILARITY, GRADNORM, KL, REPAIR
    }

    /// @param of         images
    /// @param batch      of a forward pass; GradNorm takes all at once
    /// @param candidates blocks that GradNorm scores
    record Count(int of, int batch, int candidates) {}

    /// @param numbers what is compared with PyTorch's
    private record Found(List<Double> numbers, long peak) {}

    /// @param apart largest difference, relative to PyTorch's
    /// @param peaks resident bytes at most, sglp's and PyTorch's
    record Step(double apart, Spread seconds, @JsonProperty("times_as_fast") Spread ratio,
            @JsonProperty("times_as_fast_by_processor") Spread cpuRatio, List<Long> peaks) {}

    /// By name.
    record Result(String network, int images, int batch, SequencedMap<Part, Step> steps) {}

    Result run() throws IOException {
        var shared = Files.createTempFile("sglp-bench", ".safetensors");
        try (var _ = Scope.open();
                var file = ModelFile.open(folder);
                Weights weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var data = decoded();
            var sets = sets(model);
            var removed = removed(model);
            var beside = SharedImages.random(model, sets, SEED);
            beside.put("removed", model.device()
                    .longs(removed.indices().stream().mapToLong(Integer::longValue).toArray()));
            SharedImages.write(shared, data, beside);
            var steps = new TreeMap<Part, Step>();
            for (var part : parts) {
                steps.put(part, step(part, work(part, new On(model, data, sets, removed)), shared));
                NativeHeap.trim();
            }
            return new Result(network, data.size(), count.batch, steps);
        } finally {
            Files.deleteIfExists(shared);
        }
    }

    private record On(LayeredModel model, ImageSet data, List<LayerSet> sets, LayerSet removed) {
        ScoringTask task(List<LayerSet> candidates, int batch) {
            return new ScoringTask(model, new Segment(0, model.layers().size()), candidates,
                    new Calibration(data, batch, SEED), Progress.Silent.INSTANCE);
        }
    }

    private Supplier<List<Double>> work(Part part, On on) {
        int batch = count.batch;
        return switch (part) {
            case EVALUATE -> () -> {
                try (var found = Predictions.of(on.model, on.data, batch, Progress.silent())) {
                    return List.of(found.loss());
                }
            };
            case SIMILARITY -> () -> Cka.standard(on.model.layout(), batch).of(on.model, on.data, Progress.silent())
                    .values().stream().flatMap(List::stream).toList();
            case GRADNORM -> () -> values(GradNorm.standard().scores(on.task(on.sets, on.data.size())));
            case KL -> () -> values(Kl.standard().scores(on.task(singles(on.model), batch)));
            case REPAIR -> () -> {
                try (var repaired = Refit.standard().repair(new RepairTask(on.model, on.removed, on.data, batch),
                        Progress.silent())) {
                    return List.of(repaired.changes().getLast().fit().after());
                }
            };
        };
    }

    private static List<Double> values(List<Criterion.Score> scores) {
        return scores.stream().map(Criterion.Score::value).toList();
    }

    private Step step(Part part, Supplier<List<Double>> work, Path shared) throws IOException {
        try (var rival = new PyTorch(settings.rival(), "bench_images.py",
                List.of(folder.resolve("model.safetensors").toString(), "--network", network, "--shared",
                        shared.toString(), "--part", part.name().toLowerCase(Locale.ROOT), "--batch",
                        String.valueOf(count.batch)))) {
            var rounds = new Rounds<>(() -> {
                Memory.resetPeak();
                var numbers = work.get();
                return new Found(numbers, Memory.peakResidentBytes());
            }, rival).run(settings.rounds());
            var answer = Objects.requireNonNull(rounds.answer());
            var step = new Step(apart(part, rounds.found().numbers, answer), rounds.seconds(), rounds.ratio(),
                    rounds.cpuRatio(), List.of(rounds.found().peak, answer.get("peak_bytes").asLong()));
            Bench.say(
                    "%-10s  sglp %s s, PyTorch %s s; %s times as fast, %s by processor time; peak %d and %d MB; at most %.1e apart",
                    part.name().toLowerCase(Locale.ROOT), step.seconds,
                    Spread.of(rounds.theirs().stream().map(Rounds.Time::wall).toList()), step.ratio, step.cpuRatio,
                    step.peaks.getFirst() >> 20, step.peaks.getLast() >> 20, step.apart);
            return step;
        }
    }

    private static double apart(Part part, List<Double> ours, JsonNode answer) {
        var theirs = new ArrayList<Double>();
        switch (part) {
            case EVALUATE -> theirs.add(answer.get("loss").asDouble());
            case REPAIR -> theirs.add(answer.get("left").asDouble());
            case SIMILARITY -> answer.get("cka").forEach(value -> theirs.add(value.asDouble()));
            case GRADNORM, KL -> answer.get("scores").forEach(value -> theirs.add(value.asDouble()));
        }
        return IntStream.range(0, theirs.size())
                .mapToDouble(i -> Math.abs(ours.get(i) - theirs.get(i)) / Math.abs(theirs.get(i))).max().orElseThrow();
    }

    private List<LayerSet> sets(LayeredModel model) {
        var all = singles(model);
        int n = Math.min(count.candidates, all.size());
        return IntStream.range(0, n).mapToObj(i -> all.get(i * all.size() / n)).toList();
    }

    private static List<LayerSet> singles(LayeredModel model) {
        return model.removable().indices().stream().map(LayerSet::of).toList();
    }

    /// Every third of those that can go.
    private static LayerSet removed(LayeredModel model) {
        var all = model.removable().indices();
        return new LayerSet(IntStream.range(0, all.size()).filter(i -> i % 3 == 1).mapToObj(all::get).toList());
    }

    private ImageSet decoded() throws IOException {
        var source = ImageSources.open(DataSpec.parse("images:" + settings.data().resolve("data/imagenet-sample.zip")));
        var items = IntStream.range(0, count.of).toArray();
        return source.decode("val", items, new Reading(settings.rival().threads(),
                Preparation.of(RESIZE, Interpolation.BILINEAR, CROP), Normalisation.IMAGENET, Progress.silent()));
    }
}
