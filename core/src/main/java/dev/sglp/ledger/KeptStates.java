package dev.sglp.ledger;

import dev.sglp.checkpoint.SafeTensors;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.model.wave.Resume;
import dev.sglp.output.AtomicFile;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// States of one question's work that is under way: a safetensors file each, beside the scores.
final class KeptStates implements Resume {
    private static final String KIND = "state";

    private final Ledger ledger;
    private final String question;
    private final Duration every;
    private final Runnable then;
    private long kept = System.nanoTime();

    /// @param every how often a state is kept
    /// @param then  told when one was
    KeptStates(Ledger ledger, String question, Duration every, Runnable then) {
        this.ledger = ledger;
        this.question = question;
        this.every = every;
        this.then = then;
    }

    private record Open(SafeTensors file) implements Kept {
        @Override
        public Map<String, String> words() {
            return file.metadata();
        }

        @Override
        public List<String> names() {
            return List.copyOf(file.tensors().keySet());
        }

        @Override
        public Tensor read(String name) {
            var info = file.tensors().get(name);
            return Tensors.over(file.read(name), Objects.requireNonNull(info).dtype(), info.shape());
        }

        @Override
        public void close() {
            file.close();
        }
    }

    private Path file(String work) {
        return ledger.folder().resolve("%s-%s.safetensors".formatted(beginning(), Ledger.hash(work)));
    }

    private String beginning() {
        return "%s-%s".formatted(KIND, Ledger.hash(ledger.context() + "\n" + question));
    }

    @Override
    public Optional<Kept> find(String work) {
        try {
            return Files.exists(file(work)) ? Optional.of(new Open(SafeTensors.open(file(work)))) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void keep(String work, State state) {
        if (!state.names().isEmpty() && System.nanoTime() - kept < every.toNanos()) {
            return;
        }
        try {
            SafeTensorsWriter.stream(file(work), infos(state), state.words(), (name, to) -> {
                try (var _ = Scope.open(); var arena = Arena.ofConfined()) {
                    var tensor = state.read(name);
                    to.accept(Tensors.bytes(tensor, Tensors.dtype(tensor).orElseThrow(), arena).asByteBuffer());
                }
            });
        } catch (IOException _) {
            return; // the work needs no state to end, and the last one still holds
        }
        kept = System.nanoTime();
        then.run();
    }

    private static List<TensorInfo> infos(State state) {
        var infos = new ArrayList<TensorInfo>();
        for (var name : state.names()) {
            Scope.run(() -> {
                var tensor = state.read(name);
                infos.add(new TensorInfo(name, Tensors.dtype(tensor).orElseThrow(), Tensors.shape(tensor)));
            });
        }
        return infos;
    }

    /// Nobody needs them any more.
    void drop() throws IOException {
        AtomicFile.removeAll(ledger.folder(), beginning() + "-*");
    }
}
