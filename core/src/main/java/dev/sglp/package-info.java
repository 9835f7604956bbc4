/// The method in one expression: {@link dev.sglp.Sglp#run}, and all its settings: {@link dev.sglp.Recipe}.
@NullMarked
package dev.sglp;

import org.jspecify.annotations.NullMarked;
