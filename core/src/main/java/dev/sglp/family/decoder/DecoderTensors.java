package dev.sglp.family.decoder;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Weights;
import dev.sglp.model.transformer.Attention;
import dev.sglp.model.transformer.Attention.HeadNorms;
import dev.sglp.model.transformer.CausalMask;
import dev.sglp.model.transformer.DecoderLayer;
import dev.sglp.model.transformer.Embedding;
import dev.sglp.model.transformer.GatedMlp;
import dev.sglp.model.transformer.LanguageHead;
import dev.sglp.model.transformer.Linear;
import dev.sglp.model.transformer.RmsNorm;
import dev.sglp.model.transformer.Rotation;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.bytedeco.pytorch.global.torch;

/// The tensors of a decoder of the Llama kind by their names in the checkpoint: shapes, and parts made of them.
record DecoderTensors(DecoderSpec spec) {
    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String LAYERS = "model.layers.";
    static final String NORM = "model.norm.weight";
    static final String OUTPUT = "lm_head.weight";

    SequencedMap<String, List<Long>> stem() {
        return shapes(EMBEDDING, vocabulary(), hidden());
    }

    SequencedMap<String, List<Long>> head() {
        var all = shapes(NORM, hidden());
        if (!spec.tied()) {
            all.putAll(output());
        }
        return all;
    }

    /// The output matrix, which some files hold although it is tied.
    SequencedMap<String, List<Long>> output() {
        return shapes(OUTPUT, vocabulary(), hidden());
    }

    SequencedMap<String, List<Long>> layer(int index) {
        var at = LAYERS + index;
        long wide = spec.size().queryWidth();
        long narrow = spec.size().keyValueWidth();
        long inner = spec.size().intermediate();
        var all = shapes(at + ".input_layernorm.weight", hidden());
        all.putAll(linear(at + ".self_attn.q_proj", wide, hidden(), spec.biases().input()));
        all.putAll(linear(at + ".self_attn.k_proj", narrow, hidden(), spec.biases().input()));
        all.putAll(linear(at + ".self_attn.v_proj", narrow, hidden(), spec.biases().input()));
        all.putAll(linear(at + ".self_attn.o_proj", hidden(), wide, spec.biases().output()));
        if (spec.headNorms()) {
            all.putAll(shapes(at + ".self_attn.q_norm.weight", spec.size().headSize()));
            all.putAll(shapes(at + ".self_attn.k_norm.weight", spec.size().headSize()));
        }
        all.putAll(shapes(at + ".post_attention_layernorm.weight", hidden()));
        all.putAll(linear(at + ".mlp.gate_proj", inner, hidden(), spec.biases().mlp()));
        all.putAll(linear(at + ".mlp.up_proj", inner, hidden(), spec.biases().mlp()));
        all.putAll(linear(at + ".mlp.down_proj", hidden(), inner, spec.biases().mlp()));
        return all;
    }

    /// @throws IOException where the output matrix is not the embedding, or one of them is not finite
    static void checkTied(Checkpoint checkpoint) throws IOException {
        if (sameBytes(checkpoint)) {
            return;
        }
        try (var both = Weights.forReading(checkpoint, DType.F32, Set.of(EMBEDDING, OUTPUT))) {
            if (!torch.equal(both.get(EMBEDDING), both.get(OUTPUT))) {
                throw new IOException(
                        "[%s] its config.json says tie_word_embeddings, but '%s' is not the same as '%s'. Maybe it should be false"
                                .formatted(checkpoint.path(), OUTPUT, EMBEDDING));
            }
        }
    }

    private static boolean sameBytes(Checkpoint checkpoint) throws IOException {
        var tensors = checkpoint.tensors();
        if (tensors.get(EMBEDDING).dtype() != tensors.get(OUTPUT).dtype()) {
            return false;
        }
        try (var copies = Arena.ofShared()) {
            return checkpoint.read(EMBEDDING, copies).mismatch(checkpoint.read(OUTPUT, copies)) < 0;
        } finally {
            checkpoint.unload();
        }
    }

    private long hidden() {
        return spec.size().hidden();
    }

    private long vocabulary() {
        return spec.size().vocabulary();
    }

    private static SequencedMap<String, List<Long>> linear(String prefix, long out, long in, boolean bias) {
        var all = shapes(prefix + ".weight", out, in);
        if (bias) {
            all.putAll(shapes(prefix + ".bias", out));
        }
        return all;
    }

    private static SequencedMap<String, List<Long>> shapes(String name, long... shape) {
        var one = new LinkedHashMap<String, List<Long>>();
        one.put(name, java.util.Arrays.stream(shape).boxed().toList());
        return one;
    }

    /// Parts over a network's weights.
    record Parts(DecoderSpec spec, Weights weights, Rotation rotation, Map<Integer, CausalMask> masks) {
        Parts(DecoderSpec spec, Weights weights) {
            this(spec, weights, new Rotation(spec.rope()), new HashMap<>());
        }

        Embedding stem() {
            return new Embedding(EMBEDDING, weights.get(EMBEDDING), spec.initStd());
        }

        LanguageHead head() {
            return new LanguageHead(norm(NORM),
                    new Linear.Plain(OUTPUT, weights.get(spec.tied() ? EMBEDDING : OUTPUT)), spec.initStd());
        }

        DecoderLayer layer(int index, long macs) {
            var at = LAYERS + index;
            return new DecoderLayer(at, norm(at + ".input_layernorm.weight"), attention(at + ".self_attn", index),
                    norm(at + ".post_attention_layernorm.weight"), mlp(at + ".mlp"),
                    new DecoderLayer.Constant(spec.initStd(), macs));
        }

        private Attention attention(String at, int index) {
            boolean bias = spec.biases().input();
            var norms = spec.headNorms()
                    ? new HeadNorms.Rms(norm(at + ".q_norm.weight"), norm(at + ".k_norm.weight"))
                    : new HeadNorms.None();
            return new Attention(linear(at + ".q_proj", bias), linear(at + ".k_proj", bias),
                    linear(at + ".v_proj", bias), linear(at + ".o_proj", spec.biases().output()), norms,
                    new Attention.Reach(rotation, spec.size().headSize(),
                            masks.computeIfAbsent(spec.windows().get(index), CausalMask::new)));
        }

        private GatedMlp mlp(String at) {
            boolean bias = spec.biases().mlp();
            return new GatedMlp(linear(at + ".gate_proj", bias), linear(at + ".up_proj", bias),
                    linear(at + ".down_proj", bias));
        }

        private Linear linear(String prefix, boolean bias) {
            var plain = new Linear.Plain(prefix + ".weight", weights.get(prefix + ".weight"));
            return bias ? new Linear.Biased(plain, prefix + ".bias", weights.get(prefix + ".bias")) : plain;
        }

        private RmsNorm norm(String name) {
            return new RmsNorm(name, weights.get(name), spec.epsilon());
        }
    }
}
