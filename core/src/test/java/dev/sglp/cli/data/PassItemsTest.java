package dev.sglp.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.CifarHeader;
import dev.sglp.family.Architecture;
import dev.sglp.family.convolution.network.residual.CifarResNet;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A ResNet-20 keeps what its 19 convolutions and the norms behind them give, 7 of 16 channels, 6 of 32 on a quarter of the pixels, 6 of
/// 64 on a sixteenth, beside three colours: 371 numbers a pixel, 1,484 bytes, within 4 GiB.
final class PassItemsTest {
    private static Architecture network(int side) throws IOException {
        return new CifarResNet().detect("net.pth", CifarHeader.resNet(20).tensors(), Map.of("input_size", side))
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"32, 128", "128, 128", "160, 64", "512, 8", "4096, 1"})
    void ofLargeImagesFewerGoThroughAtATime(int side, int items) throws IOException {
        assertThat(PassItems.of(network(side))).isEqualTo(items);
        assertThat(PassItems.note(network(side), "images").isPresent()).isEqualTo(items != 128);
    }

    @Test
    void theNoteSaysHowManyAndWhy() throws IOException {
        assertThat(PassItems.note(network(512), "images").orElseThrow())
                .startsWith("8 images go through the network at a time: 128 would keep up to 49.8 GB for a way back");
    }
}
