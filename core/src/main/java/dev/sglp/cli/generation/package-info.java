/// Language models write text: beside each other, or as data.
@NullMarked
package dev.sglp.cli.generation;

import org.jspecify.annotations.NullMarked;
