package dev.sglp.model.wave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.file.SlotFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WaitingTest {
    /// Layers of which only the disk is asked.
    private record Disk(SlotFile file, long disk, long room, int layers, long bytes) implements LayerSource {
        @Override
        public Held hold(int layer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public DType type() {
            return DType.F32;
        }

        @Override
        public LayerSource in(DType type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void release() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long spare() {
            throw new UnsupportedOperationException();
        }

        @Override
        public DenseStates states() {
            throw new UnsupportedOperationException();
        }

        @Override
        public DrawnLayers drawn() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Tensor keep(Tensor tensor) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long disk(long each) {
            return disk;
        }

        @Override
        public String reserve(String what, long bytes, long each) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void reserveWave(long bytes, long each, Consumer<String> say) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Aside aside(Tensor tensor) {
            if (file.bytes() >= disk) {
                throw new UncheckedIOException(new IOException("full"));
            }
            try {
                var slot = file.write(tensor);
                return new Aside() {
                    @Override
                    public Tensor read() {
                        try {
                            return file.read(slot);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }

                    @Override
                    public void free() {
                        file.free(slot);
                    }
                };
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Tensor numbers(float first) {
        return Scope.yieldOwned(() -> Tensors.floats(new float[]{first, -0.0f, Float.MIN_VALUE, 1 / 3f}, 2, 2));
    }

    private static double first(Waiting.Item item) {
        try (var _ = Scope.open()) {
            return Tensors.toDoubles(item.get())[0];
        }
    }

    @Test
    void whatHasNoRoomWaitsOnDiskAndItsPlaceIsUsedAgain() throws IOException {
        try (var file = new SlotFile(); var waiting = new Waiting(new Disk(file, 1 << 20, 20, 1, 1), 20)) {
            var here = waiting.keep(numbers(1));
            assertThat(file.bytes()).isZero();
            var there = waiting.keep(numbers(2));
            var too = waiting.keep(numbers(3));
            assertThat(file.bytes()).isEqualTo(32);
            assertThat(first(there)).isEqualTo(2);
            assertThat(first(too)).isEqualTo(3);
            try (var _ = Scope.open()) {
                assertThat(Tensors.toDoubles(there.take())).containsExactly(2, -0.0, Float.MIN_VALUE, 1 / 3f);
            }
            var again = waiting.keep(numbers(4));
            assertThat(file.bytes()).isEqualTo(32);
            assertThat(first(again)).isEqualTo(4);
            assertThat(first(too)).isEqualTo(3);
            here.free();
            waiting.keep(numbers(5));
            waiting.keep(numbers(6));
            assertThat(file.bytes()).isEqualTo(48);
        }
    }

    @Test
    void aFullDiskIsToldAndWhatIsThereStays() throws IOException {
        try (var file = new SlotFile(); var waiting = new Waiting(new Disk(file, 16, 0, 1, 1), 0)) {
            var there = waiting.keep(numbers(7));
            assertThatThrownBy(() -> waiting.keep(numbers(8))).isInstanceOf(UncheckedIOException.class);
            assertThat(first(there)).isEqualTo(7);
        }
    }

    /// 10 networks, 4 batches of 100 bytes, 5 layers: together 8,000 bytes, of which each byte beyond the room is moved ten times.
    @ParameterizedTest
    @CsvSource({"8000, 1000, 0, 4, 10", // all fit
            "7000, 100000, 1000000000, 4, 10", // 10,000 moved, 100,000 read again at the least
            "7000, 1000, 1000000000, 4, 7", // reading 1,000 once more is less than to move 10,000
            "7000, 100000, 0, 4, 7", // no disk
            "500, 1000, 1000000000, 1, 1", "1, 1000000, 1000000000, 4, 10"})
    void whateverMovesFewerBytes(long room, long bytes, long disk, int batches, int networks) throws IOException {
        try (var file = new SlotFile()) {
            assertThat(Groups.ofMany(new Disk(file, disk, room, 5, bytes), 10, 4, 100))
                    .isEqualTo(new Groups(batches, networks));
        }
    }
}
