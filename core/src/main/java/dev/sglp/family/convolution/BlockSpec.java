package dev.sglp.family.convolution;

import dev.sglp.family.convolution.Name.Place;
import dev.sglp.family.convolution.StepSpec.Convolving;
import dev.sglp.model.convolution.step.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// `after(branch(x) + shortcut(x))`, as data.
///
/// @param place where it stands
/// @param label what it is called: of its place, or of the convolution that it is
public record BlockSpec(Place place, Name label, List<StepSpec> branch, ShortcutSpec shortcut, Activation after) {
    public BlockSpec {
        branch = List.copyOf(branch);
    }

    /// Called by its place.
    public static BlockSpec at(Place place, List<StepSpec> branch, ShortcutSpec shortcut, Activation after) {
        return new BlockSpec(place, place.plus(0), branch, shortcut, after);
    }

    /// The branch's.
    public List<Convolving> convolutions() {
        return branch.stream().filter(Convolving.class::isInstance).map(Convolving.class::cast).toList();
    }

    /// The branch's and the shortcut's.
    List<StepSpec> steps() {
        return Stream.concat(branch.stream(), shortcut.steps().stream()).toList();
    }

    Shape output(Shape in) {
        return Blueprint.through(branch, in);
    }

    /// Why it cannot be left out; empty where it can.
    String fixed(Shape in) {
        var out = output(in);
        if (out.equals(in)) {
            return "";
        }
        var how = new ArrayList<String>();
        if (out.height() != in.height() || out.width() != in.width()) {
            how.add(in.height() % out.height() == 0 && in.width() % out.width() == 0
                    ? "stride " + in.width() / out.width()
                    : "%d×%d → %d×%d".formatted(in.width(), in.height(), out.width(), out.height()));
        }
        if (out.channels() == 2 * in.channels()) {
            how.add("twice the channels");
        } else if (out.channels() != in.channels()) {
            how.add("%d → %d channels".formatted(in.channels(), out.channels()));
        }
        return "changes the shape (%s)".formatted(String.join(", ", how));
    }
}
