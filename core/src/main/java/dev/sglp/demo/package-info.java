/// The network and the images that the project made itself.
@NullMarked
package dev.sglp.demo;

import org.jspecify.annotations.NullMarked;
