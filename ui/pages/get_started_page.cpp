// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/get_started_page.h"

#include "engine/engine_host.h"
#include "engine/live_feed.h"
#include "ui/format.h"
#include "ui/theme.h"
#include <algorithm>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace weir::ui {

namespace {

constexpr int DefaultPort = 8484;
/// Records looked through for the newest that verifies the set-up.
constexpr std::size_t VerifyLookBack = 200;

QLabel *quiet(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setWordWrap(true);
    label->setForegroundRole(QPalette::PlaceholderText);
    return label;
}

/// Whose key the providers that the routes lead to get.
AccessKeyNeed accessKeyNeed(const config::Config &config)
{
    const auto isStored = [&](const std::string &name) {
        return std::any_of(config.providers.begin(), config.providers.end(),
                           [&](const config::Provider &provider) {
                               return provider.name == name && provider.auth == config::Auth::Stored;
                           });
    };
    return {isStored(config.route.anthropic), isStored(config.route.openai)};
}

QString introText(AccessKeyNeed need)
{
    if (need.anthropic && need.openAi)
        return GetStartedPage::tr(
            "Your tools send one of Weir's access keys, and Weir adds the provider's key.");
    if (need.anthropic)
        return GetStartedPage::tr(
            "Tools that speak Anthropic's dialect send one of Weir's access keys; of the others, "
            "Weir passes on the key that they already send.");
    if (need.openAi)
        return GetStartedPage::tr(
            "Tools that speak OpenAI's dialect send one of Weir's access keys; of the others, "
            "Weir passes on the key that they already send.");
    return GetStartedPage::tr(
        "Weir passes on the key that your tool already sends; there is nothing to paste. "
        "For Z.AI, start Weir with --set route.anthropic=zai.");
}

QWidget *makeCard(QWidget *parent)
{
    auto *card = new QWidget(parent);
    card->setAutoFillBackground(true);
    card->setBackgroundRole(QPalette::Base);
    return card;
}

} // namespace

GetStartedPage::GetStartedPage(engine::EngineHost &host, bool isDemo, QWidget *parent)
    : Page(parent), m_host(host)
{
    auto *content = new QWidget;
    auto *rows = new QVBoxLayout(content);
    const int gap = fontMetrics().height() * 2 / 3;
    rows->setContentsMargins(gap, gap, gap, gap);
    rows->setSpacing(gap);
    rows->addWidget(makeHead());
    rows->addWidget(makeKeyCard());
    for (const ToolSetup &setup : toolSetups(QString(), Shell::Posix))
        rows->addWidget(makeRow(setup));
    rows->addWidget(makeDemo(isDemo));
    rows->addStretch();

    auto *scroll = new QScrollArea(this);
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setAccessibleName(tr("Get started"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(scroll);
    connect(&host, &engine::EngineHost::stateChanged, this, &GetStartedPage::showCommands);
    showCommands();
    showVerification();
}

QWidget *GetStartedPage::makeHead()
{
    auto *head = new QWidget(this);
    auto *title = new QLabel(tr("Point your tools at Weir"), head);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.5);
    large.setWeight(QFont::DemiBold);
    title->setFont(large);
    m_intro = quiet({}, head);
    m_state = new QLabel(head);
    m_state->setWordWrap(true);
    m_shell = new QComboBox(head);
    m_shell->addItem(QStringLiteral("bash, zsh"), int(Shell::Posix));
    m_shell->addItem(QStringLiteral("fish"), int(Shell::Fish));
    m_shell->addItem(QStringLiteral("PowerShell"), int(Shell::PowerShell));
    m_shell->setAccessibleName(tr("Shell"));
    connect(m_shell, &QComboBox::currentIndexChanged, this, &GetStartedPage::showCommands);
    auto *shellLabel = new QLabel(tr("&Shell:"), head);
    shellLabel->setBuddy(m_shell);

    auto *titleRow = new QHBoxLayout;
    titleRow->addWidget(title);
    titleRow->addStretch();
    titleRow->addWidget(shellLabel);
    titleRow->addWidget(m_shell);
    auto *layout = new QVBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(titleRow);
    layout->addWidget(m_intro);
    layout->addWidget(m_state);
    return head;
}

QWidget *GetStartedPage::makeRow(const ToolSetup &setup)
{
    QWidget *card = makeCard(this);
    auto *tool = new QLabel(setup.tool, card);
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    tool->setFont(bold);
    QLabel *note = quiet(setup.note, card);
    auto *head = new QHBoxLayout;
    head->addWidget(tool);
    head->addWidget(note, 1);
    auto *layout = new QVBoxLayout(card);
    layout->addLayout(head);
    Row row{note, {}};
    for (const SetupBlock &block : setup.blocks) {
        auto *text = new QLabel(card);
        text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
        text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        text->setTextFormat(Qt::PlainText);
        text->setAccessibleName(tr("What to copy for %1. %2").arg(setup.tool, block.place));
        QPushButton *copy = makeCopy(setup.tool, block, text, card);
        if (block.place.isEmpty()) { // the note says it, beside it is room for the button
            head->addWidget(copy);
        } else {
            auto *place = new QHBoxLayout;
            place->addWidget(new QLabel(block.place, card), 1);
            place->addWidget(copy);
            layout->addLayout(place);
        }
        layout->addWidget(text);
        row.texts.push_back(text);
    }
    m_rows.push_back(std::move(row));
    return card;
}

QPushButton *GetStartedPage::makeCopy(const QString &tool, const SetupBlock &block, const QLabel *text,
                                      QWidget *card)
{
    auto *copy = new QPushButton(tr("Copy"), card);
    copy->setAccessibleName(tr("Copy what %1 needs. %2").arg(tool, block.place));
    connect(copy, &QPushButton::clicked, this, [this, tool, text] {
        QApplication::clipboard()->setText(text->text());
        Q_EMIT copied(tool);
    });
    return copy;
}

QWidget *GetStartedPage::makeKeyCard()
{
    m_keyCard = makeCard(this);
    m_keyText = new QLabel(m_keyCard);
    m_keyText->setWordWrap(true);
    auto *make = new QPushButton(tr("&Make an access key"), m_keyCard);
    connect(make, &QPushButton::clicked, this, [this] { Q_EMIT pageWanted(QStringLiteral("keys")); });
    auto *layout = new QHBoxLayout(m_keyCard);
    layout->addWidget(m_keyText, 1);
    layout->addWidget(make);
    return m_keyCard;
}

QWidget *GetStartedPage::makeDemo(bool isDemo)
{
    QWidget *card = makeCard(this);
    auto *text = new QLabel(
        tr("No key at hand? The demo shows this window at work with a simulated provider, on a port "
           "of its own. Your tools are not touched."),
        card);
    text->setWordWrap(true);
    auto *demo = new QPushButton(isDemo ? tr("The demo is running") : tr("Start the &demo"), card);
    demo->setEnabled(!isDemo);
    connect(demo, &QPushButton::clicked, this, &Page::demoWanted);
    auto *layout = new QHBoxLayout(card);
    layout->addWidget(text, 1);
    layout->addWidget(demo);
    return card;
}

Shell GetStartedPage::shell() const
{
    return static_cast<Shell>(m_shell->currentData().toInt());
}

void GetStartedPage::showCommands()
{
    QString address = m_host.address();
    if (address.isEmpty()) {
        const int port = m_host.config().listen.port;
        address = QStringLiteral("http://127.0.0.1:%1").arg(port ? port : DefaultPort);
    }
    const AccessKeyNeed need = accessKeyNeed(m_host.config());
    m_intro->setText(introText(need));
    m_keyCard->setVisible(need.any());
    m_keyText->setText(
        tr("Put an access key of Weir's in place of %1 below. Weir adds the provider's key itself; "
           "your tools never see it.")
            .arg(QLatin1String(AccessKeyPlaceholder)));
    const std::vector<ToolSetup> setups = toolSetups(address, shell(), need);
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        m_rows[row].note->setText(setups[row].note);
        for (std::size_t block = 0; block < m_rows[row].texts.size(); ++block)
            m_rows[row].texts[block]->setText(setups[row].blocks[block].text);
    }
    showVerification();
}

void GetStartedPage::refresh()
{
    showVerification();
}

void GetStartedPage::showVerification()
{
    if (m_host.state() == engine::EngineHost::State::Stopped) {
        m_state->setText(tr("Weir is stopped: what is pointed at it will fail."));
        return;
    }
    const auto &records = m_host.liveFeed()->records();
    const std::size_t oldest = records.size() > VerifyLookBack ? records.size() - VerifyLookBack : 0;
    for (std::size_t index = records.size(); index > oldest; --index) {
        const metrics::RequestRecord &record = records[index - 1];
        if (record.outcome != metrics::Outcome::Completed || record.isError() || record.modelServed.empty())
            continue;
        m_state->setText(tr("✓ Verified %1 · %2 · model %3 · first token %4 · Weir added %5")
                             .arg(format::timeOfDay(record.startedAt), QString::fromStdString(record.tool),
                                  QString::fromStdString(record.modelServed),
                                  format::duration(record.firstToken), format::duration(record.own)));
        return;
    }
    m_state->setText(tr("Waiting for the first request…"));
}

} // namespace weir::ui
