// SPDX-License-Identifier: GPL-3.0-or-later
// The page Keys by hand, against the real engine and its database.
#include "ui/dialogs/key_dialog.h"
#include "ui/dialogs/secret_dialog.h"
#include "ui/find_widgets.h"
#include "ui/models/access_key_model.h"
#include "ui/models/provider_key_model.h"
#include "ui/pages/keys_page.h"
#include "ui/ui_fixture.h"
#include <QApplication>
#include <QClipboard>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

using namespace weir;
using namespace weir::ui;
using test::button;
using test::hint;
using test::table;
using test::trouble;

namespace {

/// A call that is let in: the provider cannot be reached, or has not been for a while.
constexpr int LetIn = 502;

/// What the engine answers to whom calls with this key: LetIn, or the status of the refusal.
int statusFor(quint16 port, const QString &key)
{
    QTcpSocket socket;
    socket.connectToHost(QStringLiteral("127.0.0.1"), port);
    if (!socket.waitForConnected(5000))
        return -1;
    const QByteArray body = R"({"model":"m","max_tokens":1,"messages":[]})";
    socket.write("POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: "
                 "application/json\r\nContent-Length: " +
                 QByteArray::number(body.size()) + "\r\nAuthorization: Bearer " + key.toUtf8() + "\r\n\r\n" +
                 body);
    QByteArray head;
    while (!head.contains("\r\n") && socket.waitForReadyRead(5000))
        head += socket.readAll();
    const int status = head.split(' ').value(1).toInt();
    return status == 503 ? LetIn : status;
}

} // namespace

class TestKeysAndEngine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void makesLimitsRotatesPausesAndDeletes();
};

void TestKeysAndEngine::makesLimitsRotatesPausesAndDeletes()
{
    const QTemporaryDir folder;
    qputenv("XDG_DATA_HOME", QFile::encodeName(folder.path()));
    config::Config config;
    config.listen.port = 0;
    qputenv("WEIR_TEST_PROVIDER_KEY", "a key that no provider knows");
    config::Provider provider;
    provider.name = "stored";
    provider.anthropicBase = "http://127.0.0.1:1";
    provider.auth = config::Auth::Stored;
    provider.keyEnv = "WEIR_TEST_PROVIDER_KEY";
    config.providers.push_back(provider);
    config.route.anthropic = "stored";
    engine::EngineHost host;
    EngineDesk desk(host);
    KeysPage page(host, desk);
    page.resize(1100, 700);
    page.show();
    QSignalSpy started(&host, &engine::EngineHost::started);
    host.start(std::make_shared<const config::Config>(config));
    QTRY_COMPARE(started.count(), 1);
    QTRY_VERIFY(hint(page, "access-keys-hint").startsWith(QStringLiteral("No access keys yet")));
    QTRY_COMPARE(table(page, "Provider keys")->model()->index(0, ProviderKeyModel::Place).data().toString(),
                 QStringLiteral("environment"));
    QTableView *keys = table(page, "Access keys");
    const auto cell = [&](int column) { return keys->model()->index(0, column).data().toString(); };

    // Create: refused where something is missing, then shown once.
    button(page, "&New key…")->click();
    auto *create = page.findChild<KeyDialog *>();
    QVERIFY(create && create->isVisible());
    button(*create, "&Create")->click();
    QCOMPARE(trouble(*create), QStringLiteral("The label is missing."));
    create->findChild<QLineEdit *>(QStringLiteral("label"))->setText(QStringLiteral("Laptop"));
    create->findChild<QLineEdit *>(QStringLiteral("tokens_per_window"))->setText(QStringLiteral("plenty"));
    button(*create, "&Create")->click();
    QVERIFY(trouble(*create).contains(QStringLiteral("plenty")));
    create->findChild<QLineEdit *>(QStringLiteral("tokens_per_window"))->setText(QStringLiteral("100 k"));
    button(*create, "&Create")->click();
    QTRY_VERIFY(page.findChild<SecretDialog *>());
    auto *secret = page.findChild<SecretDialog *>();
    const QString first = secret->findChild<QLineEdit *>(QStringLiteral("secret"))->text();
    QVERIFY(first.startsWith(QStringLiteral("weir_")) && first.size() > 40);
    QCOMPARE(statusFor(host.port(), first), LetIn);
    button(*secret, "&Copy")->click();
    QCOMPARE(QApplication::clipboard()->text(), first);
    button(*secret, "C&lose and forget")->click();
    QTRY_VERIFY(!page.findChild<SecretDialog *>());
    QTRY_COMPARE(keys->model()->rowCount(), 1);
    QCOMPARE(cell(AccessKeyModel::Label), QStringLiteral("Laptop"));
    QVERIFY(cell(AccessKeyModel::Limit).contains(QStringLiteral("tokens per 5 h")));
    QTRY_VERIFY(keys->selectionModel()->hasSelection()); // the new one

    // A second one of the same name: the engine says no, the dialog keeps what was entered.
    button(page, "&New key…")->click();
    QTRY_VERIFY(page.findChild<KeyDialog *>());
    auto *twin = page.findChild<KeyDialog *>();
    twin->findChild<QLineEdit *>(QStringLiteral("label"))->setText(QStringLiteral("Laptop"));
    button(*twin, "&Create")->click();
    QTRY_VERIFY(trouble(*twin).contains(QStringLiteral("another key is called 'Laptop'")));
    QCOMPARE(twin->findChild<QLineEdit *>(QStringLiteral("label"))->text(), QStringLiteral("Laptop"));
    twin->reject();
    QTRY_VERIFY(!page.findChild<KeyDialog *>());

    // Limits: one is added, one taken away.
    keys->selectRow(0);
    button(page, "&Limits…")->click();
    auto *limits = page.findChild<KeyDialog *>();
    QVERIFY(limits);
    limits->findChild<QLineEdit *>(QStringLiteral("tokens_per_window"))->clear();
    limits->findChild<QLineEdit *>(QStringLiteral("concurrent"))->setText(QStringLiteral("4"));
    button(*limits, "&Save")->click();
    QTRY_COMPARE(cell(AccessKeyModel::Limit), QStringLiteral("4 at a time"));

    // Rotate: the old key is dead at once, the new one lives.
    QTRY_VERIFY(!page.findChild<KeyDialog *>());
    button(page, "R&otate…")->click();
    auto *rotate = page.findChild<TaskDialog *>();
    QVERIFY(rotate);
    button(*rotate, "&Rotate")->click();
    QTRY_VERIFY(page.findChild<SecretDialog *>());
    auto *rotated = page.findChild<SecretDialog *>();
    const QString second = rotated->findChild<QLineEdit *>(QStringLiteral("secret"))->text();
    QVERIFY(second != first);
    QCOMPARE(statusFor(host.port(), first), 401);
    QCOMPARE(statusFor(host.port(), second), LetIn);
    button(*rotated, "&Copy")->click();
    rotated->reject();
    QTRY_VERIFY(!page.findChild<SecretDialog *>());
    QVERIFY(!page.findChild<TaskDialog *>());

    // Pause and resume.
    QTRY_VERIFY(button(page, "Pa&use"));
    button(page, "Pa&use")->click();
    QTRY_COMPARE(cell(AccessKeyModel::State), QStringLiteral("paused"));
    QCOMPARE(statusFor(host.port(), second), 403);
    button(page, "Res&ume")->click();
    QTRY_COMPARE(cell(AccessKeyModel::State), QStringLiteral("active"));
    QCOMPARE(statusFor(host.port(), second), LetIn);

    // Rename.
    button(page, "Rena&me…")->click();
    auto *rename = page.findChild<KeyDialog *>();
    QVERIFY(rename);
    rename->findChild<QLineEdit *>(QStringLiteral("label"))->setText(QStringLiteral("Desktop"));
    button(*rename, "&Save")->click();
    QTRY_COMPARE(cell(AccessKeyModel::Label), QStringLiteral("Desktop"));

    // Delete.
    QTRY_VERIFY(!page.findChild<KeyDialog *>());
    button(page, "&Delete…")->click();
    auto *remove = page.findChild<TaskDialog *>();
    QVERIFY(remove);
    button(*remove, "&Delete")->click();
    QTRY_COMPARE(keys->model()->rowCount(), 0);
    QCOMPARE(statusFor(host.port(), second), 401);
    QTRY_VERIFY(hint(page, "access-keys-hint").startsWith(QStringLiteral("No access keys yet")));

    QSignalSpy stopped(&host, &engine::EngineHost::stopped);
    host.stop();
    QTRY_COMPARE(stopped.count(), 1);
    QVERIFY(hint(page, "access-keys-hint").startsWith(QStringLiteral("Weir is stopped")));
    QVERIFY(!button(page, "&New key…")->isEnabled());
}

QTEST_MAIN(TestKeysAndEngine)
#include "tst_keys_and_engine.moc"
