package dev.sglp.model.vision;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// An image as tokens: `norm([tokens; patches] + positions)`, `[B, C, H, W] → [B, P + N, D]`.
///
/// @param tokens    learned tokens that stand before the patches; those with a position come first
/// @param positions of the last tokens that have one and of all patches
/// @param norm      of the sum
/// @param constant  what does not depend on the weights
public record ImageStem(Patches patches, List<Token> tokens, Optional<Positions> positions, Norm norm,
        Constant constant) implements Part {
    /// Learned tokens, the same for all images.
    ///
    /// @param name       in the checkpoint
    /// @param rows       `[1, n, D]`, or `[D]` of one
    /// @param positioned whether the table of positions has rows for them
    public record Token(String name, Tensor rows, boolean positioned) {
        private long count() {
            return rows.dim() == 1 ? 1 : rows.size(1);
        }

        private Token on(Tensor other) {
            return new Token(name, other, positioned);
        }
    }

    /// @param initStd standard deviation of freshly drawn weights
    /// @param macs    of an image
    public record Constant(double initStd, long macs) {}

    public ImageStem {
        tokens = List.copyOf(tokens);
    }

    @Override
    public Tensor forward(Tensor images, Pass pass) {
        var x = sequence(tokens.stream().filter(Token::positioned).toList(), patches.forward(images));
        var placed = positions.isPresent() ? x.add(positions.get().rows()) : x;
        var others = tokens.stream().filter(t -> !t.positioned).toList();
        return norm.forward(others.isEmpty() ? placed : between(placed, others));
    }

    /// Tokens without a position stand between those that have one and the patches.
    private Tensor between(Tensor placed, List<Token> others) {
        long ahead = tokens.stream().filter(Token::positioned).mapToLong(Token::count).sum();
        return torch.cat(new TensorVector(placed.narrow(1, 0, ahead),
                sequence(others, placed.narrow(1, ahead, placed.size(1) - ahead))), 1);
    }

    private static Tensor sequence(List<Token> first, Tensor patches) { // [B, N, D] → [B, P + N, D]
        if (first.isEmpty()) {
            return patches;
        }
        var all = new ArrayList<Tensor>();
        first.forEach(t -> all.add(t.rows.expand(patches.size(0), t.count(), patches.size(2))));
        all.add(patches);
        return torch.cat(new TensorVector(all.toArray(Tensor[]::new)), 1);
    }

    @Override
    public ImageStem mapped(UnaryOperator<Tensor> other) {
        return new ImageStem(patches.mapped(other), tokens.stream().map(t -> t.on(other.apply(t.rows))).toList(),
                positions.map(p -> p.mapped(other)), norm.mapped(other), constant);
    }

    /// All of it normal with mean 0, biases 0.
    @Override
    public ImageStem reinitialised(Seed seed) {
        return new ImageStem(patches.reinitialised(seed, constant.initStd),
                tokens.stream().map(t -> t.on(drawn(seed, t.name, t.rows))).toList(),
                positions.map(p -> p.on(drawn(seed, p.name(), p.table()))), norm.reinitialised(), constant);
    }

    private Tensor drawn(Seed seed, String name, Tensor like) {
        return Scope.yield(() -> seed.normal(name, constant.initStd, like.shape()).to(like));
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(patches.parameters());
        tokens.forEach(t -> all.put(t.name, t.rows));
        positions.ifPresent(p -> all.put(p.name(), p.table()));
        all.putAll(norm.parameters());
        return all;
    }

    @Override
    public long macs() {
        return constant.macs;
    }
}
