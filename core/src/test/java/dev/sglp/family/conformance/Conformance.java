package dev.sglp.family.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.family.ModelFile;
import dev.sglp.model.Layer;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.report.Json;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What every network of every kind has to hold, against the numbers of the library it comes from.
public final class Conformance {
    private Conformance() {}

    /// With `-Dsglp.differences=true` tells how far they are apart.
    public static void outputs(Fixture fixture) {
        double apart = Fixture.apart(fixture.output(fixture.model()), fixture.output(""));
        if (Boolean.getBoolean("sglp.differences")) {
            System.out.println("apart %s %.1e".formatted(fixture.file().checkpoint().path(), apart));
        }
        assertThat(apart).isLessThan(1e-4);
    }

    public static void lossAndEachGradient(Fixture fixture) {
        var model = fixture.model();
        var parameters = new TreeMap<>(model.parameters());
        parameters.values().forEach(p -> p.set_requires_grad(true));
        var loss = Autograd.recording(true, () -> model.objective()
                .loss(model.forward(fixture.inputs(), Pass.evaluation()), fixture.targets()));
        loss.backward();
        assertThat(Tensors.toDoubles(loss)[0])
                .isCloseTo(Tensors.toDoubles(fixture.expected().get("loss"))[0], within(1e-4));
        double[] norms = Tensors.toDoubles(fixture.expected().get("gradient_norms"));
        assertThat(parameters).hasSize(norms.length);
        double largest = Arrays.stream(norms).max().orElseThrow();
        int i = 0;
        for (var entry : parameters.entrySet()) {
            assertThat(Tensors.toDoubles(entry.getValue().grad().norm())[0]).as(entry.getKey())
                    .isCloseTo(norms[i], within(2e-4 * norms[i++] + 1e-6 * largest));
        }
    }

    /// Without layers it is what the library says, and is written and read back as the same network.
    ///
    /// @param surgeon of the fixture's file
    /// @param out     where it is written
    public static void withoutLayers(Fixture fixture, Surgeon surgeon, Path out) throws IOException {
        var removed = fixture.removed();
        var pruned = fixture.model().without(removed);
        var output = fixture.output(pruned);
        assertThat(Fixture.apart(output, fixture.output("_without"))).isLessThan(1e-4);
        assertThat(Fixture.apart(output, fixture.output(""))).isGreaterThan(1e-3);
        var architecture = fixture.file().architecture();
        var config = Json.pretty(architecture.config(removed, List.of()));
        surgeon.write(removed, pruned, out, Map.of("config.json", config.getBytes(StandardCharsets.UTF_8)));
        try (var written = ModelFile.open(out); var loaded = written.forReading()) {
            var again = written.architecture().build(loaded);
            assertThat(Tensors.toDoubles(fixture.output(again))).containsExactly(Tensors.toDoubles(output));
            assertThat(again.layers()).hasSize(architecture.layers().size() - removed.size());
            assertThat(loaded.all().keySet())
                    .containsExactlyInAnyOrderElementsOf(architecture.renamed(removed).values());
            assertThat(architecture.remains(removed, written.architecture())).isTrue();
            assertThat(written.architecture().input()).isEqualTo(architecture.input());
            assertThat(written.architecture().classNames()).isEqualTo(architecture.classNames());
        }
        var fields = Fixture.config(out);
        fixture.removal().config().forEach((field, value) -> {
            if (fields.containsKey(field) || fixture.kind() != Fixture.Kind.DECODER) {
                assertThat(fields.get(field)).as(field).isEqualTo(value);
            }
        });
    }

    /// What a repair builds on: the end's sum is the layer's output, and a change of the map adds what it says.
    ///
    /// @param aim the layer whose sum it is fitted to
    public static void linearEnd(LastMap end, Layer layer, Layer aim, Tensor x) {
        linearEnd(end, layer, aim, x, Layout.TOKENS);
    }

    /// The same of another layout.
    public static void linearEnd(LastMap end, Layer layer, Layer aim, Tensor x, Layout layout) {
        var run = end.run(x, Pass.evaluation());
        assertThat(Fixture.apart(end.output(run.sum()), layer.forward(x, Pass.evaluation()))).isLessThan(1e-6);
        var rows = layout.positions(run.sum()); // [n, D]
        var u = end.rows(run.inner(), Tensors.longs(LongStream.range(0, rows.size(0)).toArray())); // [n, f]
        var all = Seed.of(1).normal("difference", 0.1, rows.size(1), u.size(1));
        var difference = end.freedom() == LastMap.Freedom.CHANNELS ? all.diagonal().diag() : all;
        var shift = end.shifts()
                ? Optional.of(Seed.of(1).normal("shift", 0.1, rows.size(1)))
                : Optional.<Tensor>empty();
        var fitted = end.fitted(new LastMap.Fit(difference, shift, end.shifts() ? moments(u) : difference), aim);
        var sum = rows.add(u.mm(difference.t()));
        var expected = aim.lastMap().orElseThrow().output(shift.map(sum::add).orElse(sum));
        assertThat(Fixture.apart(layout.positions(fitted.forward(x, Pass.evaluation())), expected)).isLessThan(2e-6);
        assertThat(fitted.parameters().keySet()).isEqualTo(layer.parameters().keySet());
        if (aim == layer) {
            fitted.lastMap().flatMap(changed -> end.sum(run, changed)).ifPresent(quick -> assertThat(
                    Fixture.apart(layout.positions(end.output(quick)), expected)).isLessThan(2e-6));
        }
    }

    private static Tensor moments(Tensor u) { // [n, f] → [f + 1, f + 1]
        var wide = torch.cat(new TensorVector(u, torch.ones_like(u.narrow(1, 0, 1))), 1).to(ScalarType.Double);
        return wide.t().mm(wide).div_(new Scalar((double) u.size(0)));
    }

    /// A divided stream stays divided by the same.
    ///
    /// @return whether the layer's stream can be divided
    public static boolean dividedStream(Fixture fixture) throws IOException {
        try (var _ = Scope.open()) {
            var layer = fixture.model().layers().getFirst();
            var divided = layer.lastMap().flatMap(end -> end.divided(1.7));
            divided.ifPresent(other -> Autograd.off(() -> {
                var x = fixture.model().stem().forward(fixture.inputs(), Pass.evaluation())
                        .mul(new Scalar(1000.0)); // far from the norms' epsilon
                var y = other.forward(x.div(new Scalar(1.7)), Pass.evaluation()).mul(new Scalar(1.7));
                assertThat(Fixture.apart(y, layer.forward(x, Pass.evaluation()))).isLessThan(1e-4);
                return y;
            }));
            return divided.isPresent();
        }
    }
}
