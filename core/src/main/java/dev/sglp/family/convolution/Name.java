package dev.sglp.family.convolution;

import java.util.Map;

/// A name in a checkpoint, which may hold a number that changes when layers before it go.
///
/// @param before what stands before the number; the whole name where there is none
/// @param number where it has one: it is counted on from the layer's own by so much
/// @param after  what stands behind the number
public record Name(String before, boolean numbered, int number, String after) {
    /// One without a number.
    public static Name of(String name) {
        return new Name(name, false, 0, "");
    }

    /// @param counts by what stands before it: the layer's own number
    public String at(Map<String, Integer> counts) {
        return numbered ? before + (counts.getOrDefault(before, 0) + number) + after : before;
    }

    /// Where a layer stands: numbered among those of the same beginning, or by a name of its own.
    ///
    /// @param before  what stands before its number, for instance `layer1.`
    /// @param numbers how many it takes; 0 for a name of its own
    public record Place(String before, int numbers) {
        /// Takes one number.
        public static Place in(String before) {
            return new Place(before, 1);
        }

        /// Its own name with a number that many higher.
        public Name plus(int number) {
            return numbers == 0 ? of(before) : new Name(before, true, number, "");
        }

        /// Of something in it.
        ///
        /// @param rest what stands behind its name and a dot
        public Name name(String rest) {
            return numbers == 0 ? of(before + "." + rest) : new Name(before, true, 0, "." + rest);
        }
    }
}
