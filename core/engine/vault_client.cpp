// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/vault_client.h"

#include "engine/engine_client.h"
#include "engine/vault.h"
#include "store/database_file.h"
#include <optional>
#include <QEventLoop>

namespace weir::engine {

using pipeline::Answer;

pipeline::Answer askVault(const std::string &database, std::shared_ptr<const config::Config> config,
                          const pipeline::Question &question, IfNoEngine ifNoEngine)
{
    // Nothing is made where there is no database: then nobody has it.
    if (store::kindOf(database) != store::FileKind::Missing) {
        auto owner = reachOwner(database);
        if (!owner)
            return base::Unexpected{owner.error()};
        if (owner->engine)
            return askEngine(std::move(*owner->engine), question);
    } // the lock is not kept: the keychain may make its user wait
    if (ifNoEngine == IfNoEngine::Refuse)
        return base::unexpected(base::Errc::QueryInvalid, "no Weir is running that could keep it");
    Vault vault;
    vault.open(std::move(config));
    std::optional<Answer> answer;
    QEventLoop loop;
    QObject::connect(&vault, &Vault::answered, &loop, [&](quint64, const Answer &came) {
        answer = came;
        loop.quit();
    });
    vault.ask(1, question);
    if (!answer)     // refused at once
        loop.exec(); // Vault::AnswerBy is its deadline
    return *answer;
}

} // namespace weir::engine
