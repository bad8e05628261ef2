// The words of the floor below that every algorithm here is written in.
#pragma once

#include "mpc/engine.h"

namespace cohortium::oblivious {

using mpc::Engine;
using mpc::RingWord;
using mpc::Shared;
using mpc::SharedBits;
using mpc::u128;
using mpc::u64;

}  // namespace cohortium::oblivious
