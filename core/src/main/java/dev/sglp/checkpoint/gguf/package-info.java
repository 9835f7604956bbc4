/// The parts of a GGUF file: its header, its quantised blocks, and what its names mean to everybody else.
@NullMarked
package dev.sglp.checkpoint.gguf;

import org.jspecify.annotations.NullMarked;
