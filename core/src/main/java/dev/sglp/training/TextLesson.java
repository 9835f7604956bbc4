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
/// @param teaching whose answers are learned beside the next token; a network computes in float32, on weights of its own
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
        Answering ASKED = (asked, type, _) -> new Taught(type == DType.F32 ? asked : asked.in(type), asked);

        /// @param asked the teacher, in float32
        /// @param type  what it is asked in
        /// @param about what it is asked about
        /// @return the same, asked in that type, or knowing what it said
        Taught taught(Teaching asked, DType type, About about);
    }

    /// What a teacher is asked about.
    ///
    /// @param items      to train on
    /// @param validation to measure on
    public record About(Dataset items, Dataset validation) {}

    /// A teacher that was asked.
    ///
    /// @param by       whom is learned from
    /// @param compared whom the network is measured against
    public record Taught(Teaching by, Teaching compared) {}

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
                .map(t -> how.asking.taught(t, type, new About(items, validation)));
        var usual = new TextGradients(network, known.map(Taught::by), type, trained.lowRank(),
                known.map(Taught::compared).map(t -> t.remembering(validation)), Passes.USUAL);
        var passes = how.room.of(StepMemory.of(usual, trained, items, settings), progress);
        return TrainingTask.ofText(usual.by(passes), items, validation, settings, trained.tensors());
    }

    @Override
    public Pass verification() {
        return Pass.evaluation();
    }
}
