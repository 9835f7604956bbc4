package dev.sglp.model.transformer;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// A transformer block: sublayers on the residual stream, one after the other or side by side.
///
/// @param name     for instance `model.layers.7`
/// @param order    what each sublayer reads
/// @param constant what does not depend on the weights
public record Block(String name, List<Sublayer> sublayers, Order order, Constant constant) implements Layer {
    /// What sublayers read.
    public enum Order {
        /// Each what the one before gave.
        SEQUENTIAL,
        /// All the block's input (GPT-NeoX, Falcon, Phi).
        PARALLEL
    }

    /// @param initStd standard deviation of freshly drawn weights
    /// @param macs    multiply-accumulate operations a token
    /// @param fixed   why it cannot be removed; empty where it can
    public record Constant(double initStd, long macs, String fixed) {
        /// Of a block that can be removed.
        public Constant(double initStd, long macs) {
            this(initStd, macs, "");
        }
    }

    public Block {
        sublayers = List.copyOf(sublayers);
    }

    @Override
    public Optional<String> fixed() {
        return constant.fixed.isEmpty() ? Optional.empty() : Optional.of(constant.fixed);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) { // [B, T, D]
        var sum = x;
        for (var sublayer : over(pass).sublayers) {
            var next = pass.past().map(past -> sublayer.following(past.of(name), past.step(x.size(1)))).orElse(sublayer);
            sum = next.addedTo(sum, order == Order.PARALLEL ? x : sum);
        }
        return sum;
    }

    /// By hand where every part's derivative is known; the rest is left to autograd.
    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        return BlockRecording.of(over(pass), x).map(recording -> recording);
    }

    /// The same over the texts of a pass that has several in a row.
    private Block over(Pass pass) {
        return pass.documents().map(documents -> with(sublayers.stream().map(s -> s.over(documents.step())).toList()))
                .orElse(this);
    }

    @Override
    public Optional<LastMap> lastMap() {
        return BlockEnd.of(this).map(end -> end);
    }

    Block with(List<Sublayer> others) {
        return new Block(name, others, order, constant);
    }

    /// Weights normal, biases 0, norms 1: transformers' own initialisation. A norm of several sublayers stays one.
    @Override
    public Block reinitialised(Seed seed) {
        var made = new HashMap<Norm, Norm>();
        UnaryOperator<Norm> norms = norm -> made.computeIfAbsent(norm, Norm::reinitialised);
        return with(sublayers.stream().map(s -> s.reinitialised(seed, constant.initStd, norms)).toList());
    }

    /// A norm that two sublayers share stays one.
    @Override
    public Block mapped(UnaryOperator<Tensor> other) {
        var made = new HashMap<Long, Tensor>();
        UnaryOperator<Tensor> once = tensor -> made.computeIfAbsent(Tensors.identity(tensor), _ -> other.apply(tensor));
        return with(sublayers.stream().map(s -> s.mapped(once)).toList());
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        sublayers.forEach(s -> all.putAll(s.mixer().parameters()));
        sublayers.forEach(s -> all.putAll(s.norms()));
        return all;
    }

    @Override
    public long macs() {
        return constant.macs;
    }

    @Override
    public boolean keeps(long length, long grown) {
        return sublayers.stream().allMatch(s -> s.mixer().keeps(length, grown));
    }

    @Override
    public long cacheBytesPerToken() {
        return sublayers.stream().mapToLong(s -> s.mixer().cacheBytesPerToken()).sum();
    }
}
