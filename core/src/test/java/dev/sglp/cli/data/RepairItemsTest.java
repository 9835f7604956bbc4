package dev.sglp.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.CifarHeader;
import dev.sglp.family.convolution.network.residual.CifarResNet;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Three activations of 16 channels in float32, 192 bytes a pixel, within 2 GiB.
final class RepairItemsTest {
    @ParameterizedTest
    @CsvSource({"32, 1000", "224, 222", "1024, 10"})
    void ofLargeImagesFewerAreLookedAt(int side, int items) throws IOException {
        var network = new CifarResNet().detect("net.pth", CifarHeader.resNet(20).tensors(), Map.of("input_size", side))
                .orElseThrow();
        assertThat(RepairItems.of(network, 1000)).isEqualTo(items);
    }
}
