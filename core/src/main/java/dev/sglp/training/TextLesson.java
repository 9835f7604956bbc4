package dev.sglp.training;

import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.training.gradient.Passes;
import dev.sglp.training.gradient.Teaching;
import dev.sglp.training.gradient.TextGradients;
import dev.sglp.training.gradient.Trained;
import dev.sglp.training.room.Room;
import dev.sglp.training.room.StepMemory;
import java.util.Optional;

/// How a language model is trained, layer by layer.
///
/// @param settings how
/// @param teaching whose answers are learned beside the next token; its network computes in float32, on weights of its own
/// @param type     what is computed in: float32, or bfloat16
/// @param what     is learned
/// @param how      what is learned from and kept
public record TextLesson(TrainingSettings settings, Optional<Teaching> teaching, DType type, Trained.Of what,
        How how) implements FineTuning.Lesson {
    /// @param asking  where the teacher's answers come from
    /// @param meeting where the teacher's stream is to be met too
    /// @param room    what a step may take of the memory
    public record How(Answering asking, Meeting meeting, Room room) {
        /// The teacher is asked for its answers alone, and what a layer computes is kept.
        public static final How PLAIN = new How(Answering.ASKED, Meeting.NOWHERE, Room.USUAL);
    }

    /// Where streams are to be met.
    public interface Meeting {
        /// Nowhere.
        Meeting NOWHERE = (asked, _) -> asked;

        /// @param asked   the teacher
        /// @param smaller the network that is trained
        /// @return the same, which may know where its stream is to be met
        Teaching met(Teaching asked, LayeredModel smaller);
    }

    /// Where answers come from.
    public interface Answering {
        /// The teacher is asked at every step.
        Answering ASKED = (asked, type, _) -> type == DType.F32 ? asked : asked.in(type);

        /// @param asked the teacher, in float32
        /// @param type  what it is asked in
        /// @param items to train on
        /// @return the same, asked in that type, or knowing what it says of them
        Teaching taught(Teaching asked, DType type, Dataset items);
    }

    @Override
    public TrainingRecord train(LayeredModel network, Dataset items, Dataset validation, Journal journal,
            Progress progress) {
        try (var _ = Scope.open()) { // what is made beside the network's weights
            return Trainer.train(task(network, items, validation, progress), journal, progress);
        }
    }

    private TrainingTask task(LayeredModel network, Dataset items, Dataset validation, Progress progress) {
        var trained = what.network(network);
        var known = teaching.map(t -> how.meeting.met(t, network))
                .map(t -> how.asking.taught(t, type, items));
        var usual = new TextGradients(network, known, type, trained.lowRank(), teaching, Passes.USUAL);
        var passes = how.room.of(StepMemory.of(usual, trained, items, settings), progress);
        return TrainingTask.ofText(usual.by(passes), items, validation, settings, trained.tensors());
    }

    @Override
    public Pass verification() {
        return Pass.evaluation();
    }
}
