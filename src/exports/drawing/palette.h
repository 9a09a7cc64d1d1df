// Colours of classes.
#pragma once

#include "pixmill/core/composite.h"

namespace pixmill::exports {

// Colours that people of every kind of colour vision tell apart: the seven of Okabe and Ito ("Color Universal Design",
// 2008, https://jfly.uni-koeln.de/color/; their black is left out), then each lighter, then each darker, then from the
// start again. One class has one colour, whatever else is in the picture. `label`: not negative.
Colour class_colour(int label);

// Black or white, whichever is easier to read on `ground`: by the contrast ratio of WCAG 2.1.
Colour text_colour(Colour ground);

}  // namespace pixmill::exports
