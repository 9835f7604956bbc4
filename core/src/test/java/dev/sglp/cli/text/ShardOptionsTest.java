package dev.sglp.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sizes as Hugging Face's tools write them.
final class ShardOptionsTest {
    @ParameterizedTest
    @CsvSource({"5GB,5000000000", "500MB,500000000", "200KB,200000", "2GiB,2147483648", "1MiB,1048576", "1.5KB,1500",
            "3 TB,3000000000000", "4096,4096"})
    void unitsAreDecimalUnlessTheySayBinary(String size, long bytes) {
        assertThat(ShardOptions.bytes(size)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0GB", "-5GB", "5Gb", "GB", "5PB", "five", "0.0001KB", "99999999TB", "5GB "})
    void anythingElseIsRefusedByTheFlagsName(String size) {
        assertThatThrownBy(() -> ShardOptions.bytes(size)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--max-shard-size").hasMessageContaining("'" + size + "'");
    }
}
