package dev.sglp.model;

import dev.sglp.tensor.Seed;
import java.util.Collections;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// Layers on signals `[B, C, L]`: each mixes the channels at every moment.
public final class SignalNetwork {
    private SignalNetwork() {}

    private record Mixing(String name, Tensor weight) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) { // [B, C, L]
            return weight.matmul(x).tanh_().add_(x);
        }

        @Override
        public Layer reinitialised(Seed seed) {
            return this;
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return Collections.emptySortedMap();
        }
    }

    private record End(boolean pools) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return pools ? x.mean(2) : x.clone();
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return Collections.emptySortedMap();
        }
    }

    public static LayeredModel of(int layers, int channels) {
        var mixing = IntStream.range(0, layers)
                .<Layer>mapToObj(i -> new Mixing("layer" + i, Seed.of(i).normal("w", 1, channels, channels))).toList();
        return new LayeredModel("signals", new End(false), mixing, new End(true), Objective.crossEntropy(),
                Layout.SIGNALS);
    }
}
