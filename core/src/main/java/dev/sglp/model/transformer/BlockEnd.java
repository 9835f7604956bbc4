package dev.sglp.model.transformer;

import dev.sglp.model.Layout;
import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.RoutedMaps;
import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.transformer.mixer.Experts;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.model.transformer.norm.Scaling;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// A block ends in the last map of its last sublayer; one whose sublayers stand side by side ends in theirs together. Where a norm
/// stands behind the map, it ends in the norm's weight, and a scaling there belongs to the map; where one follows the sum (BERT), that
/// comes after the end.
///
/// @param first of the ending sublayers
record BlockEnd(Block block, int first, Freedom freedom) implements LastMap {
    private static final double RIDGE = LastMap.ridge(Layout.TOKENS);

    /// Empty where a norm follows the sum of sublayers that stand side by side.
    static Optional<BlockEnd> of(Block block) {
        int first = block.order() == Block.Order.PARALLEL ? 0 : block.sublayers().size() - 1;
        var ending = block.sublayers().subList(first, block.sublayers().size());
        return ending.size() == 1 || ending.stream().allMatch(s -> s.behind() instanceof Norm.None)
                ? Optional.of(new BlockEnd(block, first, freedom(ending)))
                : Optional.empty();
    }

    private static Freedom freedom(List<Sublayer> ending) {
        if (ending.stream().allMatch(s -> s.linear() && s.mixer().lastMap().isPresent())) {
            return Freedom.MAP;
        }
        boolean norm = ending.size() == 1 && !(ending.getFirst().inside() instanceof Norm.None);
        return norm ? Freedom.CHANNELS : Freedom.NOTHING;
    }

    private List<Sublayer> ending() {
        return block.sublayers().subList(first, block.sublayers().size());
    }

    private List<Linear> maps() {
        return ending().stream().map(s -> s.mixer().lastMap().orElseThrow()).toList();
    }

    @Override
    public Run run(Tensor x, Pass pass) { // [B, T, D]
        var h = x;
        for (var sublayer : block.sublayers().subList(0, first)) {
            h = sublayer.addedTo(h, h);
        }
        return switch (freedom) {
            case MAP -> mapped(h);
            case CHANNELS -> {
                var last = ending().getFirst();
                var given = last.mixer().forward(last.before().forward(h));
                yield new Run(last.inside().unweighted(given),
                        h.add(last.inside().forward(given), new Scalar(last.scale())));
            }
            case NOTHING -> new Run(h, unsettled(h));
        };
    }

    @Override
    public Optional<RoutedMaps> routed() {
        var last = ending().getFirst();
        return freedom == Freedom.NOTHING && ending().size() == 1 && last.plain() && last.scale() == 1
                && last.mixer() instanceof Experts experts
                        ? Optional.of(new ExpertsEnd(block.sublayers().subList(0, first), last, experts, RIDGE))
                        : Optional.empty();
    }

    /// The sum, without a norm that follows it.
    private Tensor unsettled(Tensor h) {
        var sum = h;
        for (var sublayer : ending()) {
            sum = new Sublayer(sublayer.before(), sublayer.mixer(), sublayer.inside(), sublayer.scale(),
                    new Norm.None())
                    .addedTo(sum, h);
        }
        return sum;
    }

    private Run mapped(Tensor h) {
        var inner = new ArrayList<Tensor>();
        var sum = h;
        for (var sublayer : ending()) {
            var read = sublayer.before().forward(h);
            var own = sublayer.mixer().inner(read);
            inner.add(own);
            sum = added(sublayer, sum, read, own);
        }
        return new Run(inner.size() == 1
                ? inner.getFirst()
                : torch.cat(new TensorVector(inner.toArray(Tensor[]::new)),
                        2),
                sum);
    }

    private static Tensor added(Sublayer sublayer, Tensor sum, Tensor read, Tensor inner) {
        var map = sublayer.mixer().lastMap().orElseThrow();
        var scale = new Scalar(sublayer.scale());
        var all = sublayer.mixer().besides(read)
                .map(other -> sum.add(sublayer.inside().forward(other), scale)).orElse(sum);
        return sublayer.plain() && sublayer.scale() == 1
                ? map.addedTo(all, inner)
                : all.add(sublayer.inside().forward(map.forward(inner)), scale);
    }

    @Override
    public Tensor output(Tensor sum) {
        return followed() ? ending().getFirst().behind().forward(sum) : sum;
    }

    @Override
    public boolean followed() {
        return !(ending().getFirst().behind() instanceof Norm.None);
    }

    @Override
    public Layer fitted(Fit fit, Layer aim) {
        if (!followed() || aim.name().equals(block.name())) {
            return fitted(fit);
        }
        var last = ending().getFirst();
        var numbers = copies(last.behind(), aim);
        var behind = last.behind().mapped(tensor -> numbers.get(Tensors.identity(tensor)));
        var changed = new ArrayList<>(block.sublayers().subList(0, first));
        changed.add(new Sublayer(last.before(), last.mixer(), last.inside(), last.scale(), behind));
        return new BlockEnd(block.with(changed), first, freedom).fitted(fit);
    }

    /// What another block has in the places of a norm's tensors.
    private Map<Long, Tensor> copies(Norm norm, Layer aim) {
        return aim.held(layer -> {
            var byTensor = new HashMap<Long, Tensor>();
            norm.parameters().forEach((name, tensor) -> byTensor.put(Tensors.identity(tensor), layer.parameters()
                    .get(aim.name() + name.substring(block.name().length())).clone()));
            return byTensor;
        });
    }

    @Override
    public Tensor rows(Tensor inner, Tensor positions) { // [B, T, f] → [n, f]
        return inner.reshape(-1, inner.size(-1)).index_select(0, positions);
    }

    @Override
    public Optional<Matrix> matrix() {
        var last = ending().getFirst();
        if (freedom != Freedom.MAP || ending().size() > 1 || !(last.inside() instanceof Norm.None)
                || last.scale() != 1 || last.mixer() instanceof Experts) {
            return Optional.empty();
        }
        var map = maps().getFirst();
        return Optional.of(new Matrix(map.weight(),
                map instanceof Linear.Biased biased ? Optional.of(biased.bias()) : Optional.empty()));
    }

    @Override
    public boolean shifts() {
        return freedom == Freedom.MAP && maps().stream().anyMatch(Linear.Biased.class::isInstance);
    }

    @Override
    public double ridge() {
        return RIDGE;
    }

    /// The difference's columns stand as the maps do; the first map that has a bias takes the shift.
    @Override
    public Layer fitted(Fit fit) {
        var changed = new ArrayList<>(block.sublayers().subList(0, first));
        if (freedom == Freedom.CHANNELS) {
            var last = ending().getFirst();
            var factors = fit.difference().diagonal().mul(new Scalar(1 / last.scale()));
            changed.add(new Sublayer(last.before(), last.mixer(), last.inside().plus(factors), last.scale(),
                    last.behind()));
            return block.with(changed);
        }
        var shift = fit.shift();
        long from = 0;
        for (var sublayer : ending()) {
            var map = sublayer.mixer().lastMap().orElseThrow();
            long width = map.weight().size(1);
            boolean takes = map instanceof Linear.Biased && shift.isPresent();
            changed.add(sublayer.with(sublayer.mixer().with(plus(sublayer, map, fit.difference().narrow(1, from, width),
                    takes ? shift : Optional.empty()))));
            shift = takes ? Optional.empty() : shift;
            from += width;
        }
        return block.with(changed);
    }

    /// What is done to the map's output is undone in what is added to it.
    private static Linear plus(Sublayer sublayer, Linear map, Tensor difference, Optional<Tensor> shift) {
        if (sublayer.plain() && sublayer.scale() == 1) {
            return map.plus(difference, shift);
        }
        return map.plus(undone(sublayer, difference.t()).t(), shift.map(s -> undone(sublayer, s)));
    }

    private static Tensor undone(Sublayer sublayer, Tensor added) { // […, D]
        var factor = added.mul(new Scalar(1 / sublayer.scale()));
        return sublayer.inside() instanceof Scaling scaling ? scaling.back(factor) : factor;
    }

    @Override
    public Optional<Tensor> sum(Run run, LastMap changed) {
        if (!(changed instanceof BlockEnd other) || freedom != Freedom.MAP || maps().size() != 1) {
            return Optional.empty();
        }
        var difference = maps().getFirst().difference(other.maps().getFirst());
        var last = ending().getFirst();
        return Optional.of(last.plain() && last.scale() == 1
                ? difference.addedTo(run.sum(), run.inner())
                : run.sum().add(last.inside().forward(difference.forward(run.inner())), new Scalar(last.scale())));
    }

    /// A stream that is divided by a number is divided by it behind every sum, where the mixers read it through norms, which do not see
    /// it.
    @Override
    public boolean scalable() {
        return block.sublayers().stream().allMatch(Sublayer::scalable);
    }

    @Override
    public Optional<Layer> divided(double factor) {
        return scalable()
                ? Optional.of(block.with(block.sublayers().stream().map(s -> s.divided(factor)).toList()))
                : Optional.empty();
    }
}
