/// Matrices of low rank as other tools read them.
@NullMarked
package dev.sglp.cli.adapter;

import org.jspecify.annotations.NullMarked;
