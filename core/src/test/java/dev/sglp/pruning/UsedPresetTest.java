package dev.sglp.pruning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.pruning.UsedPreset.Instead;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UsedPresetTest {
    @Test
    void whatStandsInThePlaceOfAPresetsOwnIsNamed() {
        assertThat(new UsedPreset("fast", List.of())).hasToString("preset fast");
        assertThat(new UsedPreset("fast",
                List.of(new Instead("--repair", "refit", "none"), new Instead("--no-diagnosis", "false", "true"),
                        new Instead("--heal", "none", "none"))))
                .hasToString("preset fast with --repair none instead of refit, --no-diagnosis");
    }
}
