package dev.sglp.examples;

import dev.sglp.Outcome;
import dev.sglp.Recipe;
import dev.sglp.Sglp;
import dev.sglp.data.*;
import dev.sglp.data.image.*;
import dev.sglp.data.source.ImageSources;
import dev.sglp.importance.*;
import dev.sglp.model.*;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.*;
import java.util.*;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// A network and a criterion of one's own, passed to the method: eight residual layers, of which the method removes two.
public final class OwnModel {
    /// `x → W x`, images flattened; as a layer `x → x + relu(W x)`, which keeps the shape and so can be removed.
    record Linear(String name, Tensor weight, boolean residual) implements Layer {
        static Linear random(String name, Seed seed, boolean residual, long... shape) {
            return new Linear(name, seed.normal(name, Math.sqrt(1.0 / shape[1]), shape), residual);
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) { // [B, …] → [B, out]
            var y = x.flatten(1, -1).matmul(weight.t());
            return residual ? y.relu_().add_(x) : y;
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return new TreeMap<>(Map.of(name + ".weight", weight));
        }

        @Override
        public Layer reinitialised(Seed seed) {
            return random(name, seed, residual, weight.shape());
        }
    }

    /// The later a layer, the lower its score, the sooner it goes.
    static final Criterion LATE_FIRST = Criterion.of("late-first",
            set -> -set.indices().stream().mapToInt(i -> i).sum());

    public static Outcome prune() throws java.io.IOException {
        var glyphs = ImageSources.open(DataSpec.parse("glyphs:"));
        var data = ImageRoles
                .open(ImageRoles.Settings.of(glyphs, Reading.with(Normalisation.named("none"))).withCounts(64, 0, 200));
        try (var _ = Scope.open()) {
            var seed = Seed.of(1);
            var layers = IntStream.range(0, 8).<Layer>mapToObj(i -> Linear.random("layer" + i, seed, true, 64, 64))
                    .toList();
            var model = new LayeredModel("own-mlp", Linear.random("stem", seed, false, 64, 3 * 32 * 32), layers,
                    Linear.random("head", seed, false, 10, 64), Objective.crossEntropy(), Layout.VECTORS);
            return Sglp.run(model, data, Recipe.removing(2, model.layout()).with(LATE_FIRST), Progress.silent());
        }
    }
}
