package dev.sglp.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.family.conformance.Fixture;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every family on a card, against the numbers of the library it comes from; skipped where there is none.
final class CardTest {
    private static final Device CARD = new Device(Device.Kind.CUDA, 0);

    @BeforeAll
    static void find() {
        Assumptions.assumeTrue(torch.hasCUDA() && torch.cuda_is_available(), "this libtorch finds no card");
        CARD.use();
    }

    static List<DeviceTest.Network> networks() throws IOException {
        return DeviceTest.networks();
    }

    @ParameterizedTest
    @MethodSource("networks")
    void theOutputIsThatOfItsLibrary(DeviceTest.Network network) throws IOException {
        try (var _ = Scope.open();
                var fixture = Fixture.open(network.kind(), network.name());
                var file = fixture.file().on(CARD);
                var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var output = Autograd.off(() -> model.forward(CARD.moved(fixture.inputs()), Pass.evaluation()));
            assertThat(Device.of(output)).isEqualTo(CARD);
            assertThat(Fixture.apart(Device.CPU.moved(output), fixture.output(""))).isLessThan(1e-3);
        }
    }
}
