/// One file a family: tensor names ⇄ layers, configuration, initialisation.
@NullMarked
package dev.sglp.family;

import org.jspecify.annotations.NullMarked;
