package dev.sglp.training.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.data.text.ConversationsTest;
import dev.sglp.data.text.TextWindows;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;

/// Loss and gradients of an assistant's answers alone, against PyTorch's in float64 (`tools/make_conversation_fixtures.py`).
final class ConversationGradientsTest {
    private static TextWindows windows() throws IOException {
        return ConversationsTest.windows("plain", ConversationsTest.file(), 48);
    }

    private static void check(TextWindows items, JsonNode expected) throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(Path.of("src/test/resources/text/gsm8k/network"));
                var weights = file.forTraining()) {
            var model = file.architecture().build(weights);
            var teaching = new Teaching(model.without(LayerSet.of(1)), 2, 0.7);
            double count = expected.path("count").doubleValue();
            assertThat((double) items.predicted()).isEqualTo(count);
            check(new TextGradients(model, Optional.empty(), DType.F32), items, expected.path("own"));
            check(new TextGradients(model, Optional.of(teaching), DType.F32), items, expected.path("taught"));
            var measured = new TextGradients(model, Optional.of(teaching), DType.F32).measured(items);
            assertThat(measured.loss()).isCloseTo(expected.path("loss").doubleValue() / count, within(1e-5));
        }
    }

    private static void check(TextGradients gradients, TextWindows items, JsonNode expected) {
        var trained = gradients.model().parameters();
        trained.values().forEach(p -> p.set_requires_grad(true));
        var found = gradients.of(items, IntStream.range(0, items.size()).toArray(), 1, trained);
        assertThat(Tensors.toDoubles(found.loss())[0]).isCloseTo(expected.path("loss").doubleValue(), within(1e-5));
        int i = 0;
        for (var name : trained.keySet()) {
            double norm = Tensors.toDoubles(found.gradients()[i++].norm(new Scalar(2)))[0];
            assertThat(norm).as(name).isCloseTo(expected.path("norms").path(name).doubleValue(),
                    Percentage.withPercentage(0.01));
        }
        assertThat(i).isEqualTo(expected.path("norms").size());
    }

    @Test
    void windowsOfConversations() throws IOException {
        check(windows(), ConversationsTest.expected().path("learned").path("windows"));
    }

    /// The same documents several in a window, against transformers with positions from 0 and a mask of four dimensions.
    @Test
    void documentsInOneWindowDoNotSeeEachOther() throws IOException {
        var expected = ConversationsTest.expected().path("learned");
        var packed = windows().packed();
        assertThat(packed.size()).isEqualTo(expected.path("bins").size()).isLessThan(windows().size());
        assertThat(packed.total()).isEqualTo(windows().total());
        check(packed, expected.path("packed"));
    }

    @Test
    void keptAnswersAreThoseOfDocumentsToo() throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(Path.of("src/test/resources/text/gsm8k/network"));
                var weights = file.forTraining()) {
            var model = file.architecture().build(weights);
            var asked = new Teaching(model.without(LayerSet.of(1)), 1, 1);
            int k = Math.toIntExact(asked.vocabulary() - 1);
            var trained = model.parameters();
            var loss = new double[2];
            for (int packed = 0; packed < 2; packed++) {
                var items = packed == 1 ? windows().packed() : windows();
                var said = IntStream.range(0, items.size()).mapToObj(i -> asked.most(items, i, k)).toList();
                loss[packed] = Tensors.toDoubles(new TextGradients(model, Optional.of(asked.knowing(said::get)),
                        DType.F32).of(items, IntStream.range(0, items.size()).toArray(), 1, trained).loss())[0];
            }
            assertThat(loss[1]).isCloseTo(loss[0], within(1e-5)).isGreaterThan(0.1);
        }
    }

    /// Streams of both layers are met, one on the way and one at the end; some windows are padded.
    @Test
    void theTeachersStreamIsMet() throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(Path.of("src/test/resources/text/gsm8k/network"));
                var weights = file.forTraining()) {
            var model = file.architecture().build(weights);
            var teacher = model.with(List.of(model.layers().get(1), model.layers().get(0)));
            var hidden = new Hidden.Asked(0.3, List.of(0, 1)).of(new LayerSet(List.of()), 2);
            assertThat(hidden.layers()).isEqualTo(Map.of(0, 0, 1, 1));
            var gradients = new TextGradients(model, Optional.of(new Teaching(teacher, 2, 0.7).meeting(hidden)),
                    DType.F32);
            var expected = ConversationsTest.expected().path("learned").path("met");
            check(gradients, windows(), expected);
            check(gradients, windows().packed(), expected);
        }
    }

    @Test
    void eachLayerMeetsTheTeacherWhereTheNextOneReads() {
        var missing = new LayerSet(List.of(1, 2, 4));
        assertThat(new Hidden.Asked(1, List.of()).of(missing, 8).layers()).isEqualTo(Map.of(0, 2, 1, 4, 4, 7));
        assertThat(new Hidden.Asked(1, List.of(2, 3)).of(missing, 8).layers()).isEqualTo(Map.of(2, 5, 3, 6));
        assertThatThrownBy(() -> new Hidden.Asked(1, List.of(5)).of(missing, 8)).isInstanceOf(UsageException.class)
                .hasMessage("--distil-layers 5: the network has layers 0 to 4");
        assertThatThrownBy(() -> new Hidden.Asked(0, List.of())).isInstanceOf(UsageException.class)
                .hasMessageContaining("--distil-hidden is a weight above 0");
    }
}
