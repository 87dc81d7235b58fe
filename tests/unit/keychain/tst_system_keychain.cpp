// SPDX-License-Identifier: GPL-3.0-or-later
#include "keychain/system_keychain.h"

#include "store/secret_store.h"
#include "store/secrets_thread.h"
#include <optional>
#include <QTest>

using namespace weir;
using store::SecretStore;

class TestSystemKeychain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersWithinTheDeadline();
};

void TestSystemKeychain::answersWithinTheDeadline()
{
    store::SecretsThread secrets;
    SecretStore real(std::make_unique<keychain::SystemKeychain>(), secrets.thread());
    std::optional<std::string> answer;
    real.probe([&](base::Result<base::Secret> result) {
        answer = result ? std::string() : std::string(base::identifier(result.error().code));
    });
    QVERIFY(
        QTest::qWaitFor([&] { return answer.has_value(); }, 3 * int(SecretStore::Deadline.count()) + 1000));
    qInfo("the keychain here: %s", answer->empty() ? "works" : answer->c_str());
    QVERIFY2(answer->empty() || answer->starts_with("keychain_"), answer->c_str());
    if (qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS"))
        QCOMPARE(*answer, std::string("keychain_unavailable"));
}

QTEST_GUILESS_MAIN(TestSystemKeychain)
#include "tst_system_keychain.moc"
