package dev.sglp.data.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Against CPython's own draws, one after the other (`tools/make_exact_match_fixtures.py`).
final class PythonRandomTest {
    @Test
    void drawsAreThoseOfPython() throws IOException {
        var draws = new JsonMapper().readTree(Path.of("src/test/resources/text/gsm8k/expected.json").toFile())
                .path("draws");
        var random = new PythonRandom(1234);
        for (var draw : draws) {
            var drawn = draw.path("drawn").valueStream().mapToInt(i -> i.intValue()).toArray();
            assertThat(random.sample(draw.path("population").intValue(), drawn.length)).as(draw.toString())
                    .containsExactly(drawn);
        }
        assertThat(draws).hasSizeGreaterThan(8);
    }
}
