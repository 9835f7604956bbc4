package dev.sglp.family.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.data.task.Texts;
import dev.sglp.evaluation.embedding.Embeddings;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// A real encoder, all-MiniLM-L6-v2, against the embeddings that transformers gives; skipped where it is not there. `SGLP_MINILM` names
/// its directory, else it lies in `models/all-minilm-l6-v2` of `SGLP_TEST_DATA`, where the reference lies too.
final class MiniLmTest {
    private static final int LONGEST = 256; // as the reference was made

    private static Path model() {
        var named = System.getenv("SGLP_MINILM");
        return named == null ? data().resolve("models/all-minilm-l6-v2") : Path.of(named);
    }

    private static Path data() {
        var named = System.getenv("SGLP_TEST_DATA");
        return Path.of(named == null ? "/nowhere" : named);
    }

    @Test
    void embeddingsAreThoseOfTransformersDenseAndWithoutLayers() throws IOException {
        var reference = data().resolve("data/minilm-reference.json");
        assumeTrue(Files.isDirectory(model()) && Files.exists(reference), "there is no MiniLM here");
        var expected = new ObjectMapper().readTree(reference.toFile());
        try (var file = ModelFile.open(model()); var weights = file.forReading()) {
            var tokenizer = ModelTokenizer.reading(file);
            var tokens = new ArrayList<int[]>();
            expected.get("sentences").forEach(s -> tokens.add(tokenizer.whole(s.asText(), LONGEST)));
            var texts = new Texts("the reference's sentences", tokens);
            var network = file.architecture().build(weights);
            var dense = Embeddings.of(network, texts, Progress.silent());
            var pruned = Embeddings.of(network.without(LayerSet.of(2, 4)), texts, Progress.silent());
            for (int i = 0; i < texts.size(); i++) {
                same(dense.vector(i), expected.get("dense").get(i));
                same(pruned.vector(i), expected.get("pruned").get(i));
            }
            var cosines = expected.get("cosine_dense_pruned");
            double mean = 0;
            for (var cosine : cosines) {
                mean += cosine.asDouble() / cosines.size();
            }
            assertThat(pruned.against(dense).agreement().orElseThrow().cosine()).isCloseTo(mean, within(1e-5));
        }
    }

    private static void same(double[] found, JsonNode expected) {
        assertThat(found).hasSize(expected.size());
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected.get(i).asDouble(), within(3e-6));
        }
    }
}
