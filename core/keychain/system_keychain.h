// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "store/keychain.h"

namespace weir::keychain {

/// The desktop's keychain (Secret Service, KWallet) by QtKeychain; never its plain-text fallback. Needs a
/// thread whose event loop is GLib's, because libsecret answers in one: see store::SecretsThread. QtKeychain
/// does one job after another, so behind one that is never answered the others are not either. It keeps
/// copies of a secret that are not overwritten when its job goes.
class SystemKeychain final : public store::Keychain
{
public:
    void start(store::KeychainJob job, Done done) override;
};

} // namespace weir::keychain
