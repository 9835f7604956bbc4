package dev.sglp.training.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.data.text.ConversationsTest;
import dev.sglp.data.text.TextWindows;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
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
}
