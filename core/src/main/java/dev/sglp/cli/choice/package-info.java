/// How the layers that go are chosen, and the presets of it.
@NullMarked
package dev.sglp.cli.choice;

import org.jspecify.annotations.NullMarked;
