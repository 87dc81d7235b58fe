// SPDX-License-Identifier: GPL-3.0-or-later
// What the pages Keys and Usage show, from the JSON that the desks answer with.
#include "ui/format.h"
#include "ui/models/access_key_model.h"
#include "ui/models/provider_key_model.h"
#include "ui/models/provider_limits_text.h"
#include "ui/models/table_role.h"
#include "ui/models/usage_model.h"
#include <QAbstractItemModelTester>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTest>

using namespace weir;
using namespace weir::ui;

namespace {

QJsonObject json(const char *text)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(text, &error);
    Q_ASSERT_X(error.error == QJsonParseError::NoError, "json", qPrintable(error.errorString()));
    return document.object();
}

AccessKeyRow keyRow(qint64 id, const QString &label)
{
    AccessKeyRow row;
    row.id = id;
    row.label = label;
    return row;
}

QStringList labels(const AccessKeyModel &model)
{
    QStringList found;
    for (int row = 0; row < model.rowCount(); ++row)
        found += model.index(row, AccessKeyModel::Label).data().toString();
    return found;
}

} // namespace

class TestKeyModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void readsAKey();
    void saysWhatAKeyMayDo();
    void tellsTheStateOfAKey_data();
    void tellsTheStateOfAKey();
    void keepsRowsThatStay();
    void showsTheWindowAsItFills();
    void looksUpTheAccountsOfManyKeys();
    void readsProviders();
    void keepsTheTestOfAProvider();
    void saysWhatProvidersSay();
    void keepsTheTotalAtTheEnd();
    void saysWhatIsNotKnown();
    void disarmsCells_data();
    void disarmsCells();
    void exportsWholeNumbers();
    void fillsDaysWithoutRequests();
    void showsTheNewestDaysOnly();
};

void TestKeyModels::readsAKey()
{
    const auto keys = readAccessKeys(json(R"({"keys":[
        {"id":7,"label":"b","prefix":"weir_b1","provider":"","model":"","allowed_models":[],
         "priority":"interactive","paused":false,"expired":false,"created_at":"2026-11-20T10:00:00.000Z",
         "expires_at":null,"last_used_at":null,"limits":{"tokens_per_window":null,"window_ms":18000000,
         "tokens_per_day":null,"tokens_per_minute":null,"requests_per_minute":null,"concurrent":null},
         "last_24h":{"requests":0,"tokens":0}},
        {"id":3,"label":"a","prefix":"weir_a1","provider":"zai","model":"glm-5","allowed_models":["x","y*"],
         "priority":"background","paused":true,"expired":true,"created_at":"2026-11-20T10:00:00.000Z",
         "expires_at":"2026-11-21T10:00:00.000Z","last_used_at":"2026-11-20T11:00:00.000Z",
         "limits":{"tokens_per_window":9000000000,"window_ms":3600000,"tokens_per_day":5,"tokens_per_minute":4,
         "requests_per_minute":3,"concurrent":2},"last_24h":{"requests":12,"tokens":3456}}]})"));
    QCOMPARE(keys.size(), std::size_t(2));
    const AccessKeyRow &a = keys[0]; // oldest first
    QCOMPARE(a.id, 3);
    QCOMPARE(a.allowedModels, QStringList({QStringLiteral("x"), QStringLiteral("y*")}));
    QVERIFY(a.isBackground && a.isPaused && a.isExpired);
    QCOMPARE(a.limits.tokensPerWindow, std::optional<qint64>(9'000'000'000));
    QCOMPARE(a.limits.windowMs, 3'600'000);
    QCOMPARE(a.limits.concurrent, std::optional<qint64>(2));
    QCOMPARE(a.expiresAt->toMSecsSinceEpoch(), 1'795'255'200'000);
    QCOMPARE(a.tokens24h, 3456);
    const AccessKeyRow &b = keys[1];
    QVERIFY(!b.lastUsedAt && !b.expiresAt && !b.limits.tokensPerWindow && !b.limits.concurrent);
    QVERIFY(readAccessKeys({}).empty());
}

void TestKeyModels::saysWhatAKeyMayDo()
{
    AccessKeyRow key = keyRow(1, QStringLiteral("a"));
    QCOMPARE(keyLimitsText(key), QStringLiteral("none"));
    QCOMPARE(keyRulesText(key), QStringLiteral("provider: as routed  ·  all models  ·  limits: none"));
    key.limits.tokensPerWindow = 120'000;
    key.limits.concurrent = 4;
    QCOMPARE(keyLimitsText(key), QStringLiteral("120 k tokens per 5 h, 4 at a time"));
    key.provider = QStringLiteral("zai");
    key.model = QStringLiteral("glm-5");
    key.allowedModels = QStringList{QStringLiteral("a"), QStringLiteral("b")};
    key.isBackground = true;
    QVERIFY(keyRulesText(key).startsWith(QStringLiteral(
        "provider: zai  ·  model: always glm-5  ·  only a, b  ·  background  ·  limits: 120 k")));
}

void TestKeyModels::tellsTheStateOfAKey_data()
{
    QTest::addColumn<bool>("paused");
    QTest::addColumn<bool>("expired");
    QTest::addColumn<int>("running");
    QTest::addColumn<QString>("text");
    QTest::newRow("never used since the start") << false << false << -1 << QStringLiteral("active");
    QTest::newRow("nothing in work") << false << false << 0 << QStringLiteral("active");
    QTest::newRow("in work") << false << false << 2 << QStringLiteral("active, 2 running");
    QTest::newRow("paused, the last one ends") << true << false << 1 << QStringLiteral("paused, 1 running");
    QTest::newRow("expiry is the stronger") << true << true << 0 << QStringLiteral("expired");
}

void TestKeyModels::tellsTheStateOfAKey()
{
    QFETCH(bool, paused);
    QFETCH(bool, expired);
    QFETCH(int, running);
    AccessKeyRow key = keyRow(1, QStringLiteral("a"));
    key.isPaused = paused;
    key.isExpired = expired;
    metrics::KeyState live;
    live.running = running;
    QTEST(keyStateText(key, running < 0 ? nullptr : &live), "text");
}

void TestKeyModels::keepsRowsThatStay()
{
    AccessKeyModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setKeys(
        {keyRow(1, QStringLiteral("a")), keyRow(3, QStringLiteral("c")), keyRow(5, QStringLiteral("e"))});
    const QPersistentModelIndex third = model.index(2, 0);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    // One goes, two come, one is renamed, and the third keeps its place in the view.
    model.setKeys({keyRow(2, QStringLiteral("b")), keyRow(3, QStringLiteral("C")),
                   keyRow(5, QStringLiteral("e")), keyRow(6, QStringLiteral("f"))});
    QCOMPARE(labels(model), QStringList({QStringLiteral("b"), QStringLiteral("C"), QStringLiteral("e"),
                                         QStringLiteral("f")}));
    QVERIFY(third.isValid());
    QCOMPARE(third.data().toString(), QStringLiteral("e"));
    QCOMPARE(model.rowOf(5), 2);
    QCOMPARE(model.rowOf(1), -1);
    QCOMPARE(resets.count(), 0);
    model.setKeys({});
    QCOMPARE(model.rowCount(), 0);
    QVERIFY(!third.isValid());
}

void TestKeyModels::showsTheWindowAsItFills()
{
    AccessKeyModel model;
    AccessKeyRow limited = keyRow(4, QStringLiteral("limited"));
    limited.limits.tokensPerWindow = 1000;
    model.setKeys({limited, keyRow(5, QStringLiteral("free"))});
    const QModelIndex cell = model.index(0, AccessKeyModel::Limit);
    QVERIFY(!cell.data(BarRole).isValid()); // not used since the start: nothing is known of its window
    QCOMPARE(cell.data().toString(), QStringLiteral("1000 tokens per 5 h"));

    metrics::KeyState live;
    live.id = 4;
    live.tokensInWindow = 200;
    live.windowLimit = 1000;
    live.reserved = 300;
    live.running = 1;
    metrics::KeyState unlimited;
    unlimited.id = 5;
    metrics::KeyState all; // and one that is not shown
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    model.setStates({all, live, unlimited});
    QCOMPARE(changed.count(), 1);
    QCOMPARE(cell.data(BarRole).toDouble(), 0.5);
    QCOMPARE(cell.data().toString(), QStringLiteral("500 of 1000 per 5 h"));
    QVERIFY(!cell.data(BarIsFullRole).toBool());
    QVERIFY(!model.index(1, AccessKeyModel::Limit).data(BarRole).isValid());
    model.setStates({all, live, unlimited});
    QCOMPARE(changed.count(), 1); // nothing new, nothing to draw

    live.reserved = 900; // let in by an estimate that was too low: more than there is
    model.setStates({live});
    QCOMPARE(cell.data(BarRole).toDouble(), 1.0);
    QVERIFY(cell.data(BarIsFullRole).toBool());
    model.setStates({}); // the engine has started anew
    QVERIFY(!cell.data(BarRole).isValid());
}

void TestKeyModels::looksUpTheAccountsOfManyKeys()
{
    AccessKeyModel model;
    std::vector<AccessKeyRow> keys;
    std::vector<metrics::KeyState> states;
    for (int id = 1; id <= 10'000; ++id) {
        keys.push_back(keyRow(id, QString::number(id)));
        states.push_back({id, id, 20'000, 0, 0, 0});
    }
    model.setKeys(keys);
    model.setStates(states);
    QCOMPARE(model.index(9'999, AccessKeyModel::Limit).data(BarRole).toDouble(), 0.5);
}

void TestKeyModels::readsProviders()
{
    ProviderKeyModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRows(readProviderKeys(json(R"({"providers":[
        {"name":"anthropic","auth":"pass-through","place":null,"state":"not_needed","reason":"","ends_with":""},
        {"name":"zai","auth":"stored","place":"keychain","state":"ready","reason":"","ends_with":"a1B2"},
        {"name":"openai","auth":"stored","place":"environment","state":"ready","reason":"","ends_with":"9xYz"},
        {"name":"mine","auth":"stored","place":null,"state":"unavailable","reason":"no Secret Service","ends_with":""}]})")));
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(0, ProviderKeyModel::Auth), QStringLiteral("the tool's is passed on"));
    QCOMPARE(text(0, ProviderKeyModel::Place), format::unknown());
    QCOMPARE(text(1, ProviderKeyModel::EndsWith), QStringLiteral("…a1B2"));
    QCOMPARE(text(3, ProviderKeyModel::State), QStringLiteral("keychain not available"));
    QCOMPARE(model.index(3, ProviderKeyModel::State).data(Qt::ToolTipRole).toString(),
             QStringLiteral("no Secret Service"));
    // Where there is nothing of Weir's to change, nothing is offered.
    QVERIFY(!model.row(0)->canSet() && model.row(1)->canSet() && !model.row(2)->canSet() &&
            model.row(3)->canSet());
    QVERIFY(model.row(1)->isOurs() && !model.row(2)->isOurs() && !model.row(3)->isOurs());
    QVERIFY(model.anyStored());
    QVERIFY(!model.row(4));
}

void TestKeyModels::keepsTheTestOfAProvider()
{
    ProviderKeyModel model;
    const ProviderKeyRow row{
        QStringLiteral("zai"), QStringLiteral("stored"), {}, QStringLiteral("ready"), {}, {}};
    model.setRows({row});
    model.setTest(QStringLiteral("zai"), QStringLiteral("it works"));
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    model.setRows({row});
    QCOMPARE(resets.count(), 0); // the selection stays
    QCOMPARE(model.index(0, ProviderKeyModel::LastTest).data().toString(), QStringLiteral("it works"));
}

void TestKeyModels::saysWhatProvidersSay()
{
    metrics::ProviderLimits told;
    QCOMPARE(providerLimitsText(told), QString());
    told.limits = {{"requests", "50", "48", "6m0s", "", ""}, {"unified-5h", "", "", "", "0.42", "allowed"}};
    QVERIFY(providerLimitsText(told).endsWith(
        QStringLiteral(": requests 48 of 50 left (whole again: 6m0s); unified-5h 42.0 % used allowed.")));
    told.limits = {{"tokens", "", "", "", "much", ""}};
    QVERIFY(providerLimitsText(told).endsWith(QStringLiteral(": tokens much used.")));
}

namespace {

UsageReport sampleReport()
{
    return readUsageReport(json(R"({"by":"model","since":null,"until":null,"rows":[
        {"name":"b","requests":10,"errors":1,"estimated":2,"input":3000,"cached_input":1000,"cache_write":5,
         "output":1000,"reasoning":7,"cost_micros":1234567,"costed":9},
        {"name":"a","requests":20,"errors":0,"estimated":0,"input":0,"cached_input":0,"cache_write":0,"output":0,
         "reasoning":0,"cost_micros":null,"costed":0},
        {"name":"","requests":1,"errors":1,"estimated":0,"input":500,"cached_input":0,"cache_write":0,"output":500,
         "reasoning":0,"cost_micros":0,"costed":1}],
        "total":{"requests":31,"errors":2,"estimated":2,"input":3500,"cached_input":1000,"cache_write":5,
        "output":1500,"reasoning":7,"cost_micros":1234567,"costed":10}})"));
}

} // namespace

void TestKeyModels::keepsTheTotalAtTheEnd()
{
    UsageModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    UsageSort sorted;
    sorted.setSourceModel(&model);
    model.setReport(sampleReport());
    QCOMPARE(sorted.rowCount(), 4);
    for (int column = 0; column < UsageModel::ColumnCount; ++column) {
        for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
            sorted.sort(column, order);
            QCOMPARE(sorted.index(3, UsageModel::Name).data().toString(), QStringLiteral("All together"));
        }
    }
    sorted.sort(UsageModel::Requests, Qt::DescendingOrder);
    QCOMPARE(sorted.index(0, UsageModel::Name).data().toString(), QStringLiteral("a"));
    sorted.sort(UsageModel::Requests, Qt::AscendingOrder);
    QCOMPARE(sorted.index(2, UsageModel::Name).data().toString(), QStringLiteral("a"));
    QCOMPARE(model.index(0, UsageModel::Share).data(BarRole).toDouble(), 0.8);
    QVERIFY(!model.index(3, UsageModel::Share).data(BarRole).isValid());
}

void TestKeyModels::saysWhatIsNotKnown()
{
    UsageModel model;
    model.setReport(sampleReport());
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(0, UsageModel::Cost), QStringLiteral("> $1.23")); // of one of ten no price is known
    QCOMPARE(text(0, UsageModel::Input), QStringLiteral("≈ 3000"));
    QCOMPARE(text(1, UsageModel::Cost), format::unknown());
    QCOMPARE(text(1, UsageModel::Output), format::unknown()); // nobody has told
    QCOMPARE(text(1, UsageModel::Requests), QStringLiteral("20"));
    QCOMPARE(text(2, UsageModel::Cost), QStringLiteral("nothing")); // known, and nothing
    QCOMPARE(text(2, UsageModel::Name), QStringLiteral("not told"));
    QCOMPARE(text(2, UsageModel::Output), QStringLiteral("500"));
    QVERIFY(model.index(0, UsageModel::Input)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QStringLiteral("2 of 10")));
}

void TestKeyModels::disarmsCells_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("cell");
    const auto row = [](const char *title, const char *name, const char *cell) {
        QTest::newRow(title) << QString::fromUtf8(name) << QByteArray(cell);
    };
    row("plain", "glm-5", "\"glm-5\"");
    row("a comma and quotes", "a,\"b\"", "\"a,\"\"b\"\"\"");
    row("a formula", "=HYPERLINK(1)", "\"'=HYPERLINK(1)\"");
    row("plus", "+1", "\"'+1\"");
    row("minus", "-1", "\"'-1\"");
    row("at", "@SUM(1)", "\"'@SUM(1)\"");
    row("a tab before a formula", "\t=1", "\"'\t=1\"");
    row("within, it is harmless", "a=1", "\"a=1\"");
    row("none", "", "\"\"");
}

void TestKeyModels::disarmsCells()
{
    QFETCH(QString, name);
    UsageReport report;
    report.by = QStringLiteral("model");
    UsageRow row;
    row.name = name;
    report.rows.push_back(row);
    const QByteArray line = usageCsv(report).split('\n').at(1);
    QFETCH(QByteArray, cell);
    QCOMPARE(line, cell + ",0,0,0,0,0,0,0,0,\r");
}

void TestKeyModels::exportsWholeNumbers()
{
    QCOMPARE(
        usageCsv(sampleReport()),
        QByteArray(
            "model,requests,errors,estimated,input,cached_input,cache_write,output,reasoning,cost_micros\r\n"
            "\"b\",10,1,2,3000,1000,5,1000,7,1234567\r\n"
            "\"a\",20,0,0,0,0,0,0,0,\r\n"
            "\"\",1,1,0,500,0,0,500,0,0\r\n"));
}

void TestKeyModels::fillsDaysWithoutRequests()
{
    const UsageReport report = readUsageReport(json(R"({"by":"day","rows":[
        {"name":"2026-11-20","input":100,"cached_input":30,"output":7},
        {"name":"2026-11-23","input":10,"cached_input":20,"output":1}],"total":{}})"));
    const QDate today(2026, 11, 24);
    const auto days = usageDays(report, {}, today);
    QCOMPARE(days.size(), std::size_t(5));
    QCOMPARE(days[0].day, QDate(2026, 11, 20));
    QCOMPARE(days[0].freshInput, 70);
    QCOMPARE(days[0].cachedInput, 30);
    QCOMPARE(days[1].output, 0);
    QCOMPARE(days[3].freshInput, 0); // a provider that counts otherwise makes no bar below zero
    QCOMPARE(days[4].day, today);
    QCOMPARE(usageDays(report, today, today).size(), std::size_t(1));
    QCOMPARE(usageDays({}, {}, today).size(), std::size_t(1));
}

void TestKeyModels::showsTheNewestDaysOnly()
{
    const UsageReport report =
        readUsageReport(json(R"({"by":"day","rows":[{"name":"2020-01-01","input":1,"output":1}]})"));
    const auto days = usageDays(report, {}, QDate(2026, 11, 24));
    QCOMPARE(days.size(), std::size_t(UsageDaysMax));
    QCOMPARE(days.back().day, QDate(2026, 11, 24));
}

QTEST_GUILESS_MAIN(TestKeyModels)
#include "tst_key_models.moc"
