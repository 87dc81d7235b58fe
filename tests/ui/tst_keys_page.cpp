// SPDX-License-Identifier: GPL-3.0-or-later
// The page Keys over a desk that the test answers for.
#include "ui/dialogs/key_dialog.h"
#include "ui/dialogs/provider_key_dialog.h"
#include "ui/dialogs/secret_dialog.h"
#include "ui/fake_desk.h"
#include "ui/find_widgets.h"
#include "ui/pages/keys_page.h"
#include "ui/secret_clipboard.h"
#include "ui/ui_fixture.h"
#include <QApplication>
#include <QClipboard>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLineEdit>
#include <QMimeData>
#include <QRadioButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace weir;
using namespace weir::ui;
using test::button;
using test::hint;
using test::table;
using test::trouble;

namespace {

QJsonObject someKeys(int count)
{
    QJsonArray keys;
    for (int id = 1; id <= count; ++id) {
        keys.append(QJsonObject{{QStringLiteral("id"), id},
                                {QStringLiteral("label"), QStringLiteral("Key %1").arg(id)},
                                {QStringLiteral("prefix"), QStringLiteral("weir_%1").arg(id)},
                                {QStringLiteral("paused"), id % 7 == 0}});
    }
    return {{QStringLiteral("keys"), keys}};
}

QJsonObject storedProvider(const char *state, const char *place)
{
    return {{QStringLiteral("providers"),
             QJsonArray{QJsonObject{{QStringLiteral("name"), QStringLiteral("zai")},
                                    {QStringLiteral("auth"), QStringLiteral("stored")},
                                    {QStringLiteral("state"), QLatin1String(state)},
                                    {QStringLiteral("place"), QLatin1String(place)},
                                    {QStringLiteral("reason"), QString()}}}}};
}

} // namespace

class TestKeysPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void keepsWhatWasEnteredWhenItFails();
    void tellsTroubleWithoutADialog();
    void sendsOnlyWhatChanges();
    void warnsBeforeAKeyIsLost();
    void showsTheKeyNowhereElse();
    void asksForAProvidersKey();
    void saysWhyThereIsNothing();
    void keepsTheSelectionAmongMany();
    void asksOnlyWhileItIsSeen();

private:
    /// A page over a running engine without a store, whose questions the test answers.
    void startPage();
    void select(int row);
    QJsonObject body(const char *method, const char *path);

    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<engine::EngineHost> m_host;
    std::unique_ptr<test::FakeDesk> m_desk;
    std::unique_ptr<KeysPage> m_page;
};

void TestKeysPage::initTestCase()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".+")));
    m_theme = std::make_unique<Theme>();
    m_theme->setChoice(Theme::Choice::Light);
}

void TestKeysPage::init()
{
    m_page.reset();
    m_desk.reset();
    m_host.reset();
}

void TestKeysPage::startPage()
{
    config::Config config;
    config.listen.port = 0;
    config.store.enabled = false;
    m_host = std::make_unique<engine::EngineHost>();
    m_desk = std::make_unique<test::FakeDesk>();
    QSignalSpy started(m_host.get(), &engine::EngineHost::started);
    m_host->start(std::make_shared<const config::Config>(config));
    QTRY_COMPARE(started.count(), 1);
    m_page = std::make_unique<KeysPage>(*m_host, *m_desk);
    m_page->resize(1100, 700);
    m_page->show();
    QVERIFY(m_desk->answer("GET", "/admin/providers", test::worked({})));
    QVERIFY(m_desk->answer("GET", "/admin/keys", test::worked(someKeys(3))));
}

void TestKeysPage::select(int row)
{
    table(*m_page, "Access keys")->selectRow(row);
}

QJsonObject TestKeysPage::body(const char *method, const char *path)
{
    for (const auto &asked : m_desk->open) {
        if (asked.question.method == method && asked.question.path() == path)
            return QJsonDocument::fromJson(asked.question.body).object();
    }
    return {};
}

void TestKeysPage::keepsWhatWasEnteredWhenItFails()
{
    startPage();
    button(*m_page, "&New key…")->click();
    auto *dialog = m_page->findChild<KeyDialog *>();
    QVERIFY(dialog);
    dialog->findChild<QLineEdit *>(QStringLiteral("label"))->setText(QStringLiteral("  Laptop "));
    dialog->findChild<QLineEdit *>(QStringLiteral("requests_per_minute"))->setText(QStringLiteral("60"));
    button(*dialog, "&Create")->click();
    QVERIFY(!button(*dialog, "&Create")->isEnabled()); // asked once, not twice
    const QJsonObject asked = body("POST", "/admin/keys");
    QCOMPARE(asked[QLatin1String("label")].toString(), QStringLiteral("Laptop"));
    QCOMPARE(asked[QLatin1String("limits")].toObject()[QLatin1String("requests_per_minute")].toInt(), 60);
    QVERIFY(!asked.contains(QLatin1String("expires_at")) && !asked.contains(QLatin1String("provider")));
    QVERIFY(m_desk->answer("POST", "/admin/keys",
                           test::failed(base::Errc::StoreUnavailable, QStringLiteral("disk full"))));
    QVERIFY(dialog->isVisible());
    QCOMPARE(trouble(*dialog), QStringLiteral("That did not work: disk full."));
    QCOMPARE(dialog->findChild<QLineEdit *>(QStringLiteral("requests_per_minute"))->text(),
             QStringLiteral("60"));
    // And once more, with room on the disk.
    button(*dialog, "&Create")->click();
    QCOMPARE(trouble(*dialog), QString());
    QVERIFY(m_desk->answer("POST", "/admin/keys",
                           test::worked({{QStringLiteral("id"), 4},
                                         {QStringLiteral("label"), QStringLiteral("Laptop")},
                                         {QStringLiteral("secret"), QStringLiteral("weir_x")}})));
    QTRY_VERIFY(!m_page->findChild<KeyDialog *>());
    QVERIFY(m_page->findChild<SecretDialog *>());
}

void TestKeysPage::tellsTroubleWithoutADialog()
{
    startPage();
    select(1);
    button(*m_page, "Pa&use")->click();
    QCOMPARE(body("PATCH", "/admin/keys/2"), (QJsonObject{{QStringLiteral("paused"), true}}));
    QVERIFY(m_desk->answer("PATCH", "/admin/keys/2",
                           test::failed(base::Errc::StoreInUse, QStringLiteral("locked"))));
    QCOMPARE(trouble(*m_page), QStringLiteral("That did not work: locked."));
    // A dialog that was closed meanwhile is not missed.
    button(*m_page, "&Delete…")->click();
    auto *dialog = m_page->findChild<TaskDialog *>();
    QVERIFY(dialog);
    button(*dialog, "&Delete")->click();
    dialog->reject();
    QTRY_VERIFY(!m_page->findChild<TaskDialog *>());
    QVERIFY(m_desk->answer("DELETE", "/admin/keys/2",
                           test::failed(base::Errc::StoreInUse, QStringLiteral("busy"))));
    QCOMPARE(trouble(*m_page), QStringLiteral("That did not work: busy."));
}

void TestKeysPage::sendsOnlyWhatChanges()
{
    AccessKeyRow key;
    key.id = 1;
    key.label = QStringLiteral("a");
    key.provider = QStringLiteral("gone"); // is no longer configured, and stays
    key.limits.tokensPerDay = 5'000'000'000;
    key.limits.windowMs = 90'000; // no whole hours, and stays
    key.expiresAt = QDateTime::fromMSecsSinceEpoch(1'795'255'261'123, Qt::UTC);
    KeyDialog dialog(KeyDialog::Part::Rules, key, {QStringLiteral("zai")}, nullptr);
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    QCOMPARE(dialog.changes(), QJsonObject());
    dialog.findChild<QLineEdit *>(QStringLiteral("tokens_per_day"))->clear();
    dialog.findChild<QLineEdit *>(QStringLiteral("concurrent"))->setText(QStringLiteral("2"));
    QCOMPARE(dialog.changes(), (QJsonObject{{QStringLiteral("limits"),
                                             QJsonObject{{QStringLiteral("tokens_per_day"), QJsonValue::Null},
                                                         {QStringLiteral("concurrent"), 2}}}}));
}

void TestKeysPage::warnsBeforeAKeyIsLost()
{
    auto *dialog = new SecretDialog(QStringLiteral("Laptop"), QStringLiteral("weir_secret"), nullptr);
    const QPointer<SecretDialog> alive = dialog;
    dialog->open();
    dialog->reject();
    QVERIFY(dialog->isVisible());
    QVERIFY(dialog->findChild<QLabel *>(QStringLiteral("note"))
                ->text()
                .contains(QStringLiteral("not been copied")));
    button(*dialog, "Copy &line")->click();
    QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("ANTHROPIC_AUTH_TOKEN=weir_secret"));
    QCOMPARE(QApplication::clipboard()->mimeData()->data(QStringLiteral("x-kde-passwordManagerHint")),
             QByteArray("secret"));
    QVERIFY(secret_clipboard::holdsSecret());
    dialog->reject();
    QTRY_VERIFY(!alive);
    QApplication::clipboard()->setText(QStringLiteral("something else"));
    QVERIFY(!secret_clipboard::holdsSecret()); // and so it is not taken away
}

void TestKeysPage::showsTheKeyNowhereElse()
{
    const QString secret = QStringLiteral("weir_0123456789");
    QWidget parent;
    auto *dialog = new SecretDialog(QStringLiteral("Laptop"), secret, &parent);
    QVERIFY(!dialog->windowTitle().contains(secret));
    for (const QWidget *widget : dialog->findChildren<QWidget *>()) {
        QVERIFY(!widget->toolTip().contains(secret));
        QVERIFY(!widget->accessibleName().contains(secret));
        QVERIFY(!widget->accessibleDescription().contains(secret));
        QVERIFY(!widget->objectName().contains(secret));
    }
}

void TestKeysPage::asksForAProvidersKey()
{
    startPage();
    m_page->hide();
    m_page->show();
    QVERIFY(m_desk->answer("GET", "/admin/providers", test::worked(storedProvider("unavailable", ""))));
    QVERIFY(!button(*m_page, "&Test")->isEnabled());
    button(*m_page, "&Set key…")->click();
    auto *dialog = m_page->findChild<ProviderKeyDialog *>();
    QVERIFY(dialog);
    auto *field = dialog->findChild<QLineEdit *>(QStringLiteral("provider-key"));
    QCOMPARE(field->echoMode(), QLineEdit::Password);
    button(*dialog, "&Save")->click();
    QCOMPARE(trouble(*dialog), QStringLiteral("The key is missing."));
    field->setText(QStringLiteral("sk-1\n"));
    QCOMPARE(dialog->body()[QLatin1String("place")].toString(),
             QStringLiteral("this_run")); // there is no keychain
    button(*dialog, "&Save")->click();
    QCOMPARE(body("PUT", "/admin/providers/zai/secret")[QLatin1String("secret")].toString(),
             QStringLiteral("sk-1"));
    QVERIFY(
        m_desk->answer("PUT", "/admin/providers/zai/secret",
                       test::failed(base::Errc::SecretInvalid, QStringLiteral("this cannot be a secret"))));
    QVERIFY(dialog->isVisible() && field->text().startsWith(QStringLiteral("sk-1")));
    button(*dialog, "&Save")->click();
    QVERIFY(m_desk->answer("PUT", "/admin/providers/zai/secret", test::worked({})));
    QTRY_VERIFY(!m_page->findChild<ProviderKeyDialog *>());
    QVERIFY(m_desk->answer("GET", "/admin/providers", test::worked(storedProvider("ready", "this_run"))));

    const auto lastTest = [this] {
        return table(*m_page, "Provider keys")
            ->model()
            ->index(0, ProviderKeyModel::LastTest)
            .data()
            .toString();
    };
    button(*m_page, "&Test")->click();
    QCOMPARE(lastTest(), QStringLiteral("asking…"));
    QVERIFY(m_desk->answer(
        "POST", "/admin/providers/zai/test",
        test::worked({{QStringLiteral("works"), false}, {QStringLiteral("reason"), QStringLiteral("401")}})));
    QVERIFY(lastTest().endsWith(QStringLiteral("401")));
    button(*m_page, "Remo&ve…")->click();
    auto *remove = m_page->findChild<TaskDialog *>();
    QVERIFY(remove);
    button(*remove, "&Remove")->click();
    QVERIFY(m_desk->answer("DELETE", "/admin/providers/zai/secret", test::worked({})));
    QTRY_VERIFY(!m_page->findChild<TaskDialog *>());
}

void TestKeysPage::saysWhyThereIsNothing()
{
    startPage();
    m_page->hide();
    m_page->show();
    QVERIFY(m_desk->answer("GET", "/admin/keys",
                           test::failed(base::Errc::StoreOff, QStringLiteral("store.enabled is false"))));
    QCOMPARE(hint(*m_page, "access-keys-hint"),
             QStringLiteral("Access keys cannot be shown: store.enabled is false."));
    QVERIFY(!button(*m_page, "&New key…")->isEnabled() && !button(*m_page, "&Delete…")->isEnabled());
    QVERIFY(m_desk->answer("GET", "/admin/providers",
                           test::failed(base::Errc::KeychainUnavailable, QStringLiteral("no"))));
    QCOMPARE(hint(*m_page, "provider-keys-hint"), QStringLiteral("Provider keys cannot be shown: no."));
    // It comes back by itself, with what was there.
    QTRY_VERIFY(m_desk->isAsked("GET", "/admin/keys"));
    QVERIFY(m_desk->answer("GET", "/admin/keys", test::worked(someKeys(2))));
    QCOMPARE(hint(*m_page, "access-keys-hint"), QString());
    QCOMPARE(table(*m_page, "Access keys")->model()->rowCount(), 2);
}

void TestKeysPage::keepsTheSelectionAmongMany()
{
    startPage();
    m_page->hide();
    m_page->show();
    QVERIFY(m_desk->answer("GET", "/admin/keys", test::worked(someKeys(200))));
    QTableView *keys = table(*m_page, "Access keys");
    QCOMPARE(keys->model()->rowCount(), 200);
    auto *search = static_cast<QLineEdit *>(m_page->searchField());
    search->setText(QStringLiteral("key 17"));
    QCOMPARE(keys->model()->rowCount(), 11); // 17, 170 … 179
    keys->selectRow(3);
    const QString label = keys->model()->index(3, 0).data().toString();
    search->clear();
    const auto selected = [&] {
        const QModelIndexList rows = keys->selectionModel()->selectedRows();
        return rows.isEmpty() ? QString() : rows.constFirst().data().toString();
    };
    QCOMPARE(selected(), label);
    QTRY_VERIFY(m_desk->isAsked("GET", "/admin/keys"));
    QVERIFY(m_desk->answer("GET", "/admin/keys", test::worked(someKeys(199))));
    QCOMPARE(selected(), label);
    search->setText(QStringLiteral("nobody"));
    QVERIFY(hint(*m_page, "access-keys-hint").contains(QStringLiteral("199 hidden")));
    QVERIFY(!button(*m_page, "&Delete…")->isEnabled()); // what is not seen is not deleted
}

void TestKeysPage::asksOnlyWhileItIsSeen()
{
    startPage();
    QTRY_COMPARE(m_desk->open.size(), std::size_t(1)); // every two seconds, but
    QTest::qWait(KeysPage::ReloadMs + 300);
    QCOMPARE(m_desk->open.size(), std::size_t(1)); // not while an answer is awaited
    QVERIFY(m_desk->answer("GET", "/admin/keys", test::worked(someKeys(3))));
    m_page->hide();
    m_desk->open.clear();
    QTest::qWait(KeysPage::ReloadMs + 300);
    QVERIFY(m_desk->open.empty());
}

QTEST_MAIN(TestKeysPage)
#include "tst_keys_page.moc"
